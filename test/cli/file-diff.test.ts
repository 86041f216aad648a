import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { fileDiff } from '../../src/cli/file-diff.ts';
import type { Io } from '../../src/cli/io.ts';

function io(terminal: boolean, color: boolean): Io {
  const stream = Object.assign(new Writable(), { isTTY: terminal });
  return {
    stdout: stream,
    stderr: stream,
    env: {},
    cwd: '/',
    color,
    progress: false,
    columns: 80,
    now: () => new Date(0),
    signal: new AbortController().signal,
  };
}

const ESCAPE = '\u001b]0;gotcha\u0007';

it.each([
  ['a terminal in colour', true, true, false],
  ['a terminal without colour', true, false, false],
  ['a pipe that is to have colour', false, true, false],
  ['a pipe, as a patch', false, false, true],
])('to %s', (_, terminal, color, keepsBytes) => {
  const diff = fileDiff(
    'Dockerfile',
    `FROM a\n# ${ESCAPE}\r\n`,
    `FROM b\n# ${ESCAPE}\r\n`,
    io(terminal, color),
  );
  expect(diff.includes(ESCAPE)).toBe(keepsBytes);
  expect(diff.includes('\r\n')).toBe(keepsBytes);
  expect(diff).toContain('--- a/Dockerfile');
});

it('has a head of one line for a file name of two', () => {
  const diff = fileDiff('a\n::set-env::/Dockerfile', 'x\n', 'y\n', io(false, false));
  expect(diff.split('\n').filter((line) => line.startsWith('::'))).toEqual([]);
});
