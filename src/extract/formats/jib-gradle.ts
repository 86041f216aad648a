import type { FormatExtractor } from '../format.ts';
import { type CodeBlock, dottedAt, walkBlocks } from '../readers/code-blocks.ts';
import { type CodeToken, readCode } from '../readers/code-tokens.ts';
import { isMark } from '../readers/code-walk.ts';
import { CodeValues } from './common/code-values.ts';
import { SiteCollector } from './common/collector.ts';
import { JIB_PREFIX } from './common/jib.ts';

const JIB: ReadonlySet<string> = new Set(['jib', 'JibExtension']);
const BUILD_IMAGE: ReadonlySet<string> = new Set(['bootBuildImage', 'BootBuildImage']);

/**
 * Gradle builds, Groovy and Kotlin: `jib.from.image`, and the builder and run image of Spring Boot's `bootBuildImage`;
 * constants of the same file are followed.
 */
export const jibGradle: FormatExtractor<'jib-gradle'> = {
  format: 'jib-gradle',
  docs: {
    files: '`*.gradle`, `*.gradle.kts`',
    finds: '`jib.from.image`; builder and run image of Spring Boot',
  },
  byContent: true,
  matchesPath: (path) => /\.gradle(?:\.kts)?$/.test(path),
  mayHold: (text) => text.includes('jib') || text.includes('Jib') || text.includes('ootBuildImage'),
  extract: (file) => {
    const collector = new SiteCollector(file, 'jib-gradle');
    const tokens = readCode(file.text, { comments: 'slashes', interpolation: '"' });
    const values = new CodeValues(tokens);
    walkBlocks(tokens, (i, open) => {
      const kind = settingAt(tokens, i, open);
      const at = kind === null ? -1 : valueAfter(tokens, i);
      if (kind !== null && at >= 0) values.image(collector, at, { kind }, JIB_PREFIX);
    });
    return collector.result();
  },
};

/** What the name that ends at `i` sets: the base image of Jib, or a builder of Spring Boot. */
function settingAt(
  tokens: readonly CodeToken[],
  i: number,
  open: readonly CodeBlock[],
): 'image' | 'builder' | null {
  const token = tokens[i];
  if (token?.kind !== 'word') return null;
  const last = token.text === 'setImage' ? 'image' : token.text;
  if (last !== 'image' && last !== 'builder' && last !== 'runImage') return null;
  const path = [...open.slice(-3).map((block) => block.name), ...dottedAt(tokens, i).slice(0, -1)];
  const [outer, inner] = [path.at(-2) ?? '', path.at(-1) ?? ''];
  if (last === 'image') return inner === 'from' && JIB.has(outer) ? 'image' : null;
  if (!BUILD_IMAGE.has(inner)) return null;
  return last === 'builder' ? 'builder' : 'image';
}

/** Where the value stands that the name at `i` is given: `= x`, `x`, `(x)`, `.set(x)`; -1 where it is given none. */
function valueAfter(tokens: readonly CodeToken[], i: number): number {
  const next = tokens[i + 1];
  if (next === undefined || next.kind === 'line') return -1;
  if (next.kind === 'string' || next.kind === 'word') return i + 1;
  if (next.text === '=') return isMark(tokens, i + 2, '=') ? -1 : i + 2;
  if (next.text === '(') return i + 2;
  const setter = tokens[i + 2];
  const isSet =
    next.text === '.' && setter?.kind === 'word' && (setter.text === 'set' || setter.text === 'convention');
  return isSet && isMark(tokens, i + 3, '(') ? i + 4 : -1;
}
