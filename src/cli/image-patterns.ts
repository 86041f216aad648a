import { type ImagePattern, parseImagePattern } from '../domain/image-glob.ts';
import { UsageError } from './arguments.ts';

/**
 * The patterns for images in an argument, separated by commas; a comma inside of `{…}` or `[…]` separates nothing.
 * `argument` is what a fault names: `--only`. Throws a {@link UsageError} for a pattern that no image could match.
 */
export function readImagePatterns(argument: string, text: string): readonly ImagePattern[] {
  return separate(text).map((one) => {
    const parsed = parseImagePattern(one);
    if (!parsed.ok) throw new UsageError(`${argument}: ${parsed.fault.message}`);
    return parsed.value;
  });
}

function separate(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if ('{['.includes(c)) depth++;
    else if ('}]'.includes(c)) depth--;
    else if (c === ',' && depth <= 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}
