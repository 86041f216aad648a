import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openWorktree } from '../../src/adapters/worktree/worktree.ts';
import { defaultConfig } from '../../src/config/repository.ts';
import { toDigest } from '../../src/domain/digest.ts';
import { toImagePattern } from '../../src/domain/image-glob.ts';
import { toPathPattern } from '../../src/domain/path-glob.ts';
import { gather } from '../../src/pass/gather.ts';
import { NO_FACTS } from '../../src/pass/ports.ts';
import { passRequest } from '../../src/pass/request.ts';
import { allChanges } from '../../src/pass/rotate.ts';
import { surveyTree } from '../../src/pass/survey.ts';
import { fakeRegistry } from '../support/fake-registry.ts';

const OLD = `sha256:${'1a2b3c4d'.repeat(8)}`;
const NEW = toDigest(`sha256:${'5e77c2d1'.repeat(8)}`);
const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

it('rotates what managers of the configuration find, proved by the same managers', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pinwheel-survey-'));
  made.push(root);
  writeFileSync(join(root, 'tools.lock'), `python 3.11 ${OLD}\nother text\n`);
  writeFileSync(join(root, 'app.conf.yaml'), `runtime:\n  base: python:3.11@${OLD}\n`);
  const config = {
    ...defaultConfig(),
    managers: [
      {
        files: [toPathPattern('*.lock')],
        pattern: '^(?P<name>\\w+) (?P<tag>[\\d.]+) (?P<digest>sha256:[a-f0-9]+)$',
      },
      { files: [toPathPattern('*.conf.yaml')], path: 'runtime.base' },
    ],
  };
  const tree = openWorktree(root);
  const registry = fakeRegistry(new Map([['docker.io/library/python:3.11', NEW]]));
  const request = passRequest(new Date('2026-11-20T10:00:00Z'));
  const pass = await gather({ tree, registry, facts: NO_FACTS, history: null }, config, request);
  expect(pass.plan.failures).toEqual([]);
  await tree.apply(allChanges(pass));
  expect(readFileSync(join(root, 'tools.lock'), 'utf8')).toBe(`python 3.11 ${NEW}\nother text\n`);
  expect(readFileSync(join(root, 'app.conf.yaml'), 'utf8')).toBe(`runtime:\n  base: python:3.11@${NEW}\n`);
});

it('passes over large and binary YAML that only might be a manifest, and fails for what is meant', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pinwheel-survey-'));
  made.push(root);
  writeFileSync(join(root, 'crds.yaml'), '# x\n'.repeat(300_000));
  writeFileSync(join(root, 'data.yml'), 'a: \0\n');
  writeFileSync(join(root, 'pnpm-lock.yaml'), '# x\n'.repeat(300_000));
  writeFileSync(join(root, 'compose.yaml'), '# x\n'.repeat(300_000));
  const survey = await surveyTree(openWorktree(root), defaultConfig());
  expect(survey.skipped.map((skip) => skip.file)).toEqual(['crds.yaml', 'data.yml']);
  expect(survey.errors.map((error) => [error.file, error.code])).toEqual([['compose.yaml', 'too-large']]);
});

it('takes the tag of a digest from the first rule that matches, as every other setting', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pinwheel-survey-'));
  made.push(root);
  writeFileSync(
    join(root, 'Dockerfile'),
    `FROM python@${OLD} AS a\nFROM debian@${OLD} AS b\nFROM node@${OLD}\n`,
  );
  const config = {
    ...defaultConfig(),
    images: [
      { match: [toImagePattern('python')], group: 'languages' },
      { match: [toImagePattern('python:3*')], tag: '3.14' },
      { match: [toImagePattern('docker.io/library/python'), toImagePattern('debian')], tag: '12' },
      { match: [toImagePattern('*')], tag: '24' },
    ],
  };
  const { sites } = await surveyTree(openWorktree(root), config);
  const found = sites.map(({ image, tagHint, skip }) => [image.repository, tagHint?.image.tag, skip?.reason]);
  expect(found).toEqual([
    ['library/python', undefined, 'digest-without-tag'],
    ['library/debian', '12', undefined],
    ['library/node', '24', undefined],
  ]);
});

it('takes a disk for no unit, and a Dockerfile that is no text for an error', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pinwheel-survey-'));
  made.push(root);
  writeFileSync(join(root, 'disk.image'), Buffer.from([0, 1, 2]));
  writeFileSync(join(root, 'Dockerfile'), Buffer.from([0, 1, 2]));
  const { errors } = await surveyTree(openWorktree(root), defaultConfig());
  expect(errors.map(({ file, code }) => `${file} ${code}`)).toEqual(['Dockerfile binary']);
});
