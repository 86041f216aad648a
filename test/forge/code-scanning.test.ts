import { beforeEach, expect, it } from 'vitest';
import { CodeScanning } from '../../src/forge/code-scanning.ts';
import type { Forge } from '../../src/forge/forge.ts';
import { memoryForge } from '../support/forge/memory-forge.ts';
import { MemoryRepository } from '../support/forge/memory-repository.ts';

let now: Date;
let logged: number;
let repository: MemoryRepository;
let asked: number;
let forge: Forge;

beforeEach(() => {
  now = new Date('2026-11-20T09:00:00Z');
  logged = 0;
  asked = 0;
  repository = new MemoryRepository();
  const real = memoryForge(repository);
  const counted: Forge = {
    ...real,
    uploadSarif: (...upload) => {
      asked += 1;
      return real.uploadSarif(...upload);
    },
  };
  const quiet = (): void => {};
  const info = (): void => {
    logged += 1;
  };
  const log = { debug: quiet, info, warn: quiet, error: quiet };
  forge = new CodeScanning(log, () => now).guard(counted);
});

it('is asked for again after a day where it was off, and said to be off once', async () => {
  repository.codeScanning = false;
  expect(await forge.uploadSarif(1, 'a', '{}')).toBe('off');
  now = new Date('2026-11-21T08:59:59Z');
  expect(await forge.uploadSarif(1, 'b', '{}')).toBe('off');
  expect([asked, logged]).toEqual([1, 1]);
  repository.codeScanning = true;
  expect(await forge.uploadSarif(1, 'c', '{}')).toBe('off');
  now = new Date('2026-11-21T09:00:00Z');
  expect(await forge.uploadSarif(1, 'd', '{}')).toBe('taken');
  expect(repository.sarifs.map(({ sha }) => sha)).toEqual(['d']);
});

it('is asked for each head where it is on', async () => {
  for (const sha of ['a', 'b']) expect(await forge.uploadSarif(1, sha, '{}')).toBe('taken');
  expect([asked, logged]).toEqual([2, 0]);
});
