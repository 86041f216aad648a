import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A program made for one test. */
export type StubProgram = {
  readonly file: string;
  readonly folder: string;
  /** The command lines it was run with, in order. */
  readonly calls: () => Promise<readonly (readonly string[])[]>;
};

/**
 * A program for one test: `body` is JavaScript that runs with `args` (the command line) and `env`, and `log(text)` to
 * keep something in the folder. Removed with everything it wrote when the test is over.
 */
export async function stubProgram(name: string, body: string): Promise<StubProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'pinwheel-stub-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, name);
  const calls = join(folder, 'calls');
  const script = `#!${process.execPath}
const fs = require('node:fs');
const args = process.argv.slice(2);
const env = process.env;
const folder = ${JSON.stringify(folder)};
fs.appendFileSync(${JSON.stringify(calls)}, JSON.stringify(args) + '\\n');
${body}
`;
  await writeFile(file, script);
  await chmod(file, 0o755);
  return {
    file,
    folder,
    calls: async () =>
      (await readFile(calls, 'utf8').catch(() => ''))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
  };
}
