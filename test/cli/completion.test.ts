import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHarness, type Harness } from './harness.ts';

let checkout: Harness;

beforeEach(() => {
  checkout = createHarness();
});

afterEach(() => checkout.remove());

it.each([
  [['pinwheel', 'sc'], 'scan'],
  [['pinwheel', 'rotate', '--o'], '--only'],
  [['pinwheel', 'rotate', 'services', '--o'], '--only'],
  [['pinwheel', 'scan', '--w'], ''],
  [['pinwheel', 'rotate', '--registries', 'reg'], 'registries.yaml'],
  [['pinwheel', 'rotate', '--write', '--registries', 'reg'], 'registries.yaml'],
  [['pinwheel', 'scan', 'ser'], 'services'],
  [['pinwheel', 'completion', 'f'], 'fish'],
  [['pinwheel', 'policy', 'ex'], 'explain'],
  [['pinwheel', 'policy', 'explain', '--m'], '--markdown'],
  [['pinwheel', 'policy', 'baseline', '--m'], ''],
  [['pinwheel', 'policy', 'baseline', '--registries', 'reg'], 'registries.yaml'],
  [['pinwheel', 'policy', 'baseline', 'ser'], 'services'],
  [['pinwheel', 'diff', '--sbom', 's'], 'spdx'],
  [['pinwheel', 'diff', 'a', 'b', '--scanner', 'g'], 'grype'],
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
