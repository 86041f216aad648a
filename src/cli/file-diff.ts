import { createTwoFilesPatch } from 'diff';
import { type Io, isTerminal } from './io.ts';
import { paint, printable } from './text.ts';

/**
 * A unified diff of one file, for `git apply` where it goes to a file or a pipe. `before` null: a new file. On a
 * terminal, with colour or without, control characters of the file are shown as escapes; a patch keeps its bytes.
 */
export function fileDiff(path: string, before: string | null, after: string, io: Io): string {
  const from = before === null ? '/dev/null' : `a/${path}`;
  const patch = createTwoFilesPatch(from, `b/${path}`, before ?? '', after, undefined, undefined, {
    context: 1,
  });
  // The library opens with a line of "=" that git does not know.
  const lines = patch.split('\n').slice(1);
  if (!io.color && !isTerminal(io.stdout)) return lines.join('\n');
  const { bold, cyan, green, red } = paint(io.color);
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
