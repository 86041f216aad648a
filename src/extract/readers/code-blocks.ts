import type { CodeToken } from './code-tokens.ts';
import { isMark, stringAt, wordAt } from './code-walk.ts';

/** A `{` … `}` in a program, by its name: the word, the call or the type before the `{`. */
export type CodeBlock = { readonly name: string; readonly from: number; to: number };

const NAME_LIMIT = 64;
/** Deeper blocks are not told apart: each token would have to look at all of them. */
const OPEN_LIMIT = 64;

/**
 * Walks a program's tokens with the blocks that are open around each of them, the innermost last. `closed` is told of
 * every block when it ends, those without an end last. Linear.
 */
export function walkBlocks(
  tokens: readonly CodeToken[],
  visit: (i: number, open: readonly CodeBlock[]) => void,
  closed?: (block: CodeBlock) => void,
): void {
  const open: CodeBlock[] = [];
  let deeper = 0;
  for (let i = 0; i < tokens.length; i++) {
    if (isMark(tokens, i, '{')) {
      if (open.length >= OPEN_LIMIT) deeper++;
      else open.push({ name: nameBefore(tokens, i), from: i, to: tokens.length });
    } else if (isMark(tokens, i, '}')) {
      if (deeper > 0) {
        deeper--;
        continue;
      }
      const block = open.pop();
      if (block === undefined) continue;
      block.to = i;
      closed?.(block);
    } else visit(i, open);
  }
  for (const block of open.reverse()) closed?.(block);
}

/** `jib {` is jib, `named("x") {` is x, `withRegistry(url) {` is withRegistry, `configure<Jib> {` is Jib. */
function nameBefore(tokens: readonly CodeToken[], brace: number): string {
  const before = brace - 1;
  const word = wordAt(tokens, before);
  if (word !== undefined) return word;
  if (isMark(tokens, before, '>')) return wordAt(tokens, before - 1) ?? '';
  if (!isMark(tokens, before, ')')) return '';
  const only = stringAt(tokens, before - 1);
  if (only !== undefined && isMark(tokens, before - 2, '(')) return only.node.text.value;
  let depth = 0;
  for (let i = before; i >= 0 && i > before - NAME_LIMIT; i--) {
    if (isMark(tokens, i, ')')) depth++;
    else if (isMark(tokens, i, '(') && --depth === 0) return wordAt(tokens, i - 1) ?? '';
  }
  return '';
}

/** The dotted name that ends at `i`: `env.IMAGE`, `jib.from.image`; its parts, at most four. */
export function dottedAt(tokens: readonly CodeToken[], i: number): readonly string[] {
  const parts: string[] = [];
  for (let at = i; parts.length < 4; at -= 2) {
    const word = wordAt(tokens, at);
    if (word === undefined) break;
    parts.unshift(word);
    if (!isMark(tokens, at - 1, '.')) break;
  }
  return parts;
}
