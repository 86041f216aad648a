import { isDigest } from '../../domain/digest.ts';
import { messageOf } from '../../domain/errors.ts';
import { parseImageReference } from '../../domain/image-reference.ts';
import type { ExtractionError } from '../../domain/site.ts';
import type { ArgDeclaration, FileExtraction, FormatExtractor, SourceFile } from '../format.ts';
import { WorkBudget } from '../work-budget.ts';
import type { Binding } from './binding.ts';
import { Collector, digestOffset } from './collector.ts';
import { readDirectives } from './directives.ts';
import { InstructionReader } from './instructions.ts';
import { argSaysImage, carriesDigest, defaultLooksLikeImage, isTagWithDigest } from './names.ts';
import { isDockerfilePath } from './paths.ts';
import { Scopes } from './scopes.ts';
import { StageReader } from './stages.ts';

/** What a character of an embedded Dockerfile costs: read as one, and each site moved to its place. */
const EMBEDDED_COST = 4;

/** Dockerfiles and Containerfiles, read as BuildKit reads them (github.com/moby/buildkit, frontend/dockerfile). */
export const dockerfile: FormatExtractor<'dockerfile'> = {
  format: 'dockerfile',
  docs: {
    files: '`Dockerfile`, `Containerfile`, `*.Dockerfile`, `Dockerfile.*`',
    finds:
      '`# syntax`, `FROM`, `COPY --from`, `RUN --mount=from=…`, their `ONBUILD` forms, and `ARG` defaults, read as BuildKit reads them ([more](architecture.md#where-things-are))',
  },
  matchesPath: isDockerfilePath,
  extract: extractDockerfile,
};

/**
 * Finds every image one Dockerfile names: `# syntax`, FROM, COPY --from, RUN --mount from, their ONBUILD forms, and ARG
 * defaults. What names an image and cannot be handled is in `skipped` or carries a `skip`; what BuildKit refuses is in
 * `errors`, and the rest of the file still counts. Pure and linear; never throws.
 */
export function extractDockerfile(file: SourceFile): FileExtraction {
  try {
    return extractCounted(file, new WorkBudget());
  } catch (error) {
    const message = messageOf(error);
    return nothing(file, {
      file: file.path,
      line: null,
      code: 'internal',
      message: `${file.path}: could not be read: ${message.slice(0, 200)}; please report it`,
    });
  }
}

/** {@link extractDockerfile} with the caller's budget, which then tells what was spent. May throw on a bug. */
export function extractCounted(file: SourceFile, budget: WorkBudget): FileExtraction {
  const { text, path } = file;
  const collector = new Collector(path, text);
  const directives = readDirectives(text);
  for (const fault of directives.faults) collector.error(fault.offset, fault.message);
  if (directives.syntax !== null) noteSyntax(collector, text, directives.syntax);
  const scopes = new Scopes(text, directives.escapeCode, budget);
  if (!directives.isForeign) {
    const stages = new StageReader({ collector, scopes, escapeCode: directives.escapeCode, budget });
    readInstructions(text, directives.escapeCode, collector, stages);
    stages.finish();
    for (const binding of scopes.declared) noteUnread(binding, collector, stages);
  }
  return {
    file: path,
    format: 'dockerfile',
    sites: collector.finish(),
    skipped: collector.skipped,
    errors: collector.errors,
    args: scopes.declared.length === 0 ? [] : scopes.declared.map(declarationOf),
    builds: [],
    ...(collector.digests.length === 0 ? {} : { digests: collector.digests }),
  };
}

/**
 * {@link extractCounted} for a Dockerfile that stands inside another file, on that file's budget: one text may be aliased
 * many times. Null where the budget cannot pay for it.
 */
export function extractEmbedded(file: SourceFile, budget: WorkBudget): FileExtraction | null {
  return budget.spend(EMBEDDED_COST * file.text.length) ? extractCounted(file, budget) : null;
}

function readInstructions(text: string, escapeCode: number, collector: Collector, stages: StageReader): void {
  const reader = new InstructionReader(text, escapeCode);
  for (let instruction = reader.next(); instruction !== null; instruction = reader.next()) {
    stages.read(instruction);
    if (instruction.unterminated === null) continue;
    const name = JSON.stringify(instruction.unterminated.slice(0, 80));
    collector.error(
      instruction.start,
      `the heredoc ${name} is never closed: add a line with that word alone; nothing after it was read`,
    );
  }
}

function noteSyntax(
  collector: Collector,
  text: string,
  span: { readonly start: number; readonly end: number },
): void {
  const value = text.slice(span.start, span.end);
  const parsed = parseImageReference(value);
  if (!parsed.ok) {
    collector.skip(span.start, span.end, 'invalid-reference', parsed.fault.message);
    return;
  }
  const pieces = [{ text: value, at: span.start, owner: null }];
  collector.add({ kind: 'syntax', ...span, self: null }, { image: parsed.value, pieces, composed: false });
}

/** Notes the image an ARG's default holds where no FROM has read it: it is injected or consumed elsewhere. */
function noteUnread(binding: Binding, collector: Collector, stages: StageReader): void {
  const { name, value, start, end } = binding;
  if (binding.isReported || start < 0 || start === end) return;
  if (binding.state !== 'set') {
    const isImage = argSaysImage(name) || carriesDigest(collector.textAt(start, end));
    if (binding.state === 'unknown' && isImage && !binding.namesImage) {
      collector.skip(start, end, 'unresolvable-variable', binding.fault);
    }
    return;
  }
  if (carriesDigest(value)) {
    if (binding.sole !== null) return;
    // By the sign, not by the reference: `@sha256:…` and `-slim@sha256:…` alone are none.
    const at = digestOffset(binding.pieces, value.length - value.lastIndexOf('@') - 1);
    if (at >= 0 && collector.hasDigestAt(at)) return;
    if (isTagWithDigest(name, value)) {
      const detail = `"${name}" contains a tag with a digest, but no FROM in this file says for which image`;
      collector.skip(start, end, 'shared-fragment', detail);
      return;
    }
    stages.noteBinding(binding);
    return;
  }
  if (binding.isFragment || binding.sole !== null) return;
  if (isDigest(value)) {
    const at = digestOffset(binding.pieces, value.length);
    if (at >= 0 && !collector.hasDigestAt(at)) collector.addBareDigest(name, at, at + value.length);
    return;
  }
  // What a FROM reads and did not take whole is a part of something.
  if (binding.namesImage || !argSaysImage(name) || !defaultLooksLikeImage(value)) return;
  if (value === 'scratch') {
    collector.skip(start, end, 'scratch', 'scratch is the empty image');
  } else if (stages.stageNames.has(value.toLowerCase())) {
    collector.skip(start, end, 'stage', `"${value}" is a stage of this file`);
  } else if (parseImageReference(value).ok || name.toUpperCase().endsWith('IMAGE')) {
    stages.noteBinding(binding);
  }
}

function declarationOf(binding: Binding): ArgDeclaration {
  const { name, scope, siteStart, namesImage } = binding;
  return { name, scope, siteStart, namesImage };
}

function nothing(file: SourceFile, error: ExtractionError): FileExtraction {
  return {
    file: file.path,
    format: 'dockerfile',
    sites: [],
    skipped: [],
    errors: [error],
    args: [],
    builds: [],
  };
}
