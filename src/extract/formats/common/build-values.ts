import { isDigest } from '../../../domain/digest.ts';
import { parseImageReference } from '../../../domain/image-reference.ts';
import type { SiteKind } from '../../../domain/site.ts';
import { isTagWithDigest } from '../../dockerfile/names.ts';
import type { BuildDeclaration } from '../../format.ts';
import { expandVariables, NO_VARIABLES, type VariableScope } from '../../interpolation/interpolate.ts';
import { type MappedText, part, trimmed } from '../../readers/mapped-text.ts';
import { MASK } from '../../readers/template-mask.ts';
import type { SiteCollector } from './collector.ts';
import { readsAsImage, saysImage } from './names.ts';
import { isTemplated } from './skips.ts';

/** A name and the text it is given. `value` is null where it comes from the environment (`--build-arg NAME`). */
export type NamedText = { readonly name: string; readonly value: MappedText | null };

/** A build as a file declares it, before its values are looked at. */
export type BuildInput = {
  /** Offset in the file, for the line. */
  readonly at: number;
  readonly dockerfile: string | null;
  readonly context: string | null;
  readonly target?: string | null;
  readonly args: readonly NamedText[];
  readonly contexts?: readonly NamedText[];
  readonly scope?: VariableScope;
};

type BuildArg = BuildDeclaration['args'][number];

/** Records a build: its arguments and contexts that hold images become sites, candidates or bare digests. */
export function addBuild(collector: SiteCollector, build: BuildInput): void {
  const scope = build.scope ?? NO_VARIABLES;
  const args: BuildArg[] = build.args.map(({ name, value }) => {
    const given = value ?? scope(name);
    if (given === undefined) return { name, siteStart: null, value: '' };
    return {
      name,
      siteStart: namedValue(collector, name, given, 'build-arg', scope),
      value: valueIn(collector, given, scope),
    };
  });
  const contexts = (build.contexts ?? []).map(({ name, value }) => {
    if (value !== null) buildContext(collector, name, value, scope, build.at);
    return { name, value: value === null ? '' : valueIn(collector, value, scope) };
  });
  collector.build({
    file: collector.path,
    line: collector.lineAt(build.at),
    dockerfile: build.dockerfile,
    context: build.context,
    target: build.target ?? null,
    args,
    contexts,
  });
}

/**
 * Takes a value that may hold an image. A build argument whose name says so is a site. Any other value that reads like an
 * image is a candidate, which `extract/link` makes a site where it has a digest or where an ARG of its name names an
 * image: most variables with an image's shape name what is built, not what it is built from. What a value is does not
 * change when its digest does. Returns where the site, candidate or digest starts.
 */
export function namedValue(
  collector: SiteCollector,
  name: string,
  value: MappedText,
  kind: SiteKind,
  scope: VariableScope = NO_VARIABLES,
): number | null {
  const written = trimmed(value);
  if (written.value === '') return null;
  if (isTemplated(written.value) || written.value.includes('${{')) return null;
  const expanded = expandVariables(written, scope, collector.budget);
  if (!expanded.ok) return null;
  const text = trimmed(expanded.text);
  if (isDigest(text.value)) return collector.digest(text, kind, name);
  const at = text.value.indexOf('@sha256:');
  if (at > 0 && isTagWithDigest(name, text.value))
    return collector.digest(part(text, at + 1, text.value.length), kind, name, text.value.slice(0, at));
  const parsed = parseImageReference(text.value);
  if (!parsed.ok) return null;
  const isArg = kind === 'build-arg' && saysImage(name);
  // What a Dockerfile's ARG makes of a build argument is known later; a bare word will not be an image to anybody.
  const mayBeImage = kind === 'build-arg' ? /[:/]/.test(text.value) : readsAsImage(name, parsed.value);
  if (!isArg && !mayBeImage) return null;
  return collector.image(written, { kind, name, candidate: !isArg, invalid: 'ignore', scope });
}

/** A named context `docker-image://python:3.11`; other kinds name no image. */
function buildContext(
  collector: SiteCollector,
  name: string,
  value: MappedText,
  scope: VariableScope,
  at: number,
): void {
  const text = trimmed(value);
  const prefix = 'docker-image://';
  if (!text.value.startsWith(prefix)) return;
  collector.image(part(text, prefix.length, text.value.length), { kind: 'build-context', name, scope }, at);
}

/** Splits `NAME=value`; the value is null where there is no `=`. Null where there is no name. */
export function splitAssignment(text: MappedText): NamedText | null {
  const equals = text.value.indexOf('=');
  const name = (equals < 0 ? text.value : text.value.slice(0, equals)).trim();
  if (name === '') return null;
  return { name, value: equals < 0 ? null : part(text, equals + 1, text.value.length) };
}

function valueIn(collector: SiteCollector, value: MappedText, scope: VariableScope): string {
  const expanded = expandVariables(trimmed(value), scope, collector.budget);
  const read = expanded.ok ? expanded.text.value.trim() : value.value.trim();
  return read.includes(MASK) ? '' : read;
}
