import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { COMMAND_OPTIONS } from '../../src/cli/completion.ts';
import { createHarness, type Harness } from './harness.ts';

let checkout: Harness;

beforeEach(() => {
  checkout = createHarness();
});

afterEach(() => checkout.remove());

it.each(Object.entries(COMMAND_OPTIONS))('knows the options of %s', async (command, options) => {
  const { stdout } = await checkout.run(command, '--help');
  const usage = stdout.slice(0, stdout.indexOf('\n\n'));
  const written = new Set([...usage.matchAll(/--[a-z-]+/g)].map(([option]) => option));
  for (const option of options) expect(stdout).toContain(option);
  for (const option of written) expect(options).toContain(option);
});

it.each([
  [['pinwheel', 'sc'], 'scan'],
  [['pinwheel', 'rotate', '--o'], '--only'],
  [['pinwheel', 'scan', '--w'], ''],
  [['pinwheel', 'rotate', '--registries', 'reg'], 'registries.yaml'],
  [['pinwheel', 'scan', 'ser'], 'services'],
  [['pinwheel', 'completion', 'f'], 'fish'],
])('completes %j in bash', async (words, expected) => {
  await checkout.write('registries.yaml', '');
  await checkout.write('services/Dockerfile', '');
  const { stdout: script } = await checkout.run('completion', 'bash');
  const ask = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pinwheel; echo "\${COMPREPLY[*]}"`;
  const answer = execFileSync('bash', ['--norc', '-c', `${script}\n${ask}`, 'bash', ...words], {
    cwd: checkout.root,
    encoding: 'utf8',
  });
  expect(answer.trim()).toBe(expected);
});
