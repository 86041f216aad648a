import { createTwoFilesPatch } from 'diff';
import { paint, printable } from './text.ts';

/**
 * A unified diff of one file for a terminal, `git apply`-able where colour is off. `before` null: a new file.
 * Control characters of the file are shown as escapes where colour is on; a patch keeps its bytes.
 */
export function fileDiff(path: string, before: string | null, after: string, color: boolean): string {
  const from = before === null ? '/dev/null' : `a/${path}`;
  const patch = createTwoFilesPatch(from, `b/${path}`, before ?? '', after, undefined, undefined, {
    context: 1,
  });
  // The library opens with a line of "=" that git does not know.
  const lines = patch.split('\n').slice(1);
  if (!color) return lines.join('\n');
  const { bold, cyan, green, red } = paint(true);
  const shade = (line: string): string => {
    const shown = printable(line.endsWith('\r') ? line.slice(0, -1) : line);
    if (line.startsWith('---') || line.startsWith('+++')) return bold(shown);
    if (line.startsWith('@@')) return cyan(shown);
    if (line.startsWith('+')) return green(shown);
    if (line.startsWith('-')) return red(shown);
    return shown;
  };
  return lines.map(shade).join('\n');
}
