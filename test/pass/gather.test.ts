import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openWorktree } from '../../src/adapters/worktree/worktree.ts';
import { defaultConfig, type ImageRule } from '../../src/config/repository.ts';
import { defaultPolicy, type PolicySettings } from '../../src/config/schema/policy.ts';
import { toImagePattern } from '../../src/domain/image-glob.ts';
import { formatPlatform } from '../../src/domain/platform.ts';
import { gather } from '../../src/pass/gather.ts';
import { type FactPorts, NO_FACTS } from '../../src/pass/ports.ts';
import { passRequest } from '../../src/pass/request.ts';
import { allChanges } from '../../src/pass/rotate.ts';
import { reportOf } from '../../src/pull-requests/report.ts';
import { TaggedRegistry } from '../resolve/track/tagged-registry.ts';
import { scanDiffFact } from '../support/findings.ts';

const NOW = new Date('2026-11-20T10:00:00Z');
const BOTH = ['linux/amd64', 'linux/arm64'];
const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

/** One pass over a folder of files; gives them as they are afterwards. */
async function rotated<Name extends string>(
  files: Readonly<Record<Name, string>>,
  registry: TaggedRegistry,
  rule: Omit<ImageRule, 'match'>,
  facts: FactPorts = NO_FACTS,
  policy: PolicySettings = defaultPolicy(),
) {
  const root = mkdtempSync(join(tmpdir(), 'pinwheel-pipeline-'));
  made.push(root);
  const names = Object.keys(files) as Name[];
  for (const name of names) writeFileSync(join(root, name), files[name]);
  const tree = openWorktree(root);
  const config = { ...defaultConfig(), policy, images: [{ match: [toImagePattern('python')], ...rule }] };
  const pass = await gather({ tree, registry, facts, history: null }, config, passRequest(NOW));
  await tree.apply(allChanges(pass));
  const after = Object.fromEntries(names.map((name) => [name, readFileSync(join(root, name), 'utf8')]));
  return { pass, after };
}

it('moves tag and digest of an image, and the digest of its twins', async () => {
  const registry = new TaggedRegistry();
  const old = registry.push('3.11.6', BOTH);
  const fresh = registry.push('3.11.9', BOTH);
  const files = (tag: string, digest: string) => ({
    Dockerfile: [
      `ARG PYTHON_IMAGE=python:${tag}@${digest}`,
      `ARG PYTHON_DIGEST=${digest}`,
      'FROM ${PYTHON_IMAGE}',
      'ARG PYTHON_DIGEST',
      'LABEL org.opencontainers.image.base.digest=$PYTHON_DIGEST',
      '',
    ].join('\n'),
    'compose.yaml': `services:\n  a:\n    build:\n      context: .\n      args: {PYTHON_IMAGE: "python:${tag}@${digest}", PYTHON_DIGEST: "${digest}"}\n`,
  });
  const { pass, after } = await rotated(files('3.11.6', old), registry, { track: 'patch' });
  expect(pass.plan.failures).toEqual([]);
  expect(after).toEqual(files('3.11.9', fresh));
});

it.each([
  ['python:3.11.9', 'block'],
  ['python:3.11.6', 'rotate'],
])('asks of a newer tag what the trust rules ask of that tag: %s, %s', async (image, verdict) => {
  const registry = new TaggedRegistry();
  const old = registry.push('3.11.6', BOTH);
  registry.push('3.11.9', BOTH);
  const signers = [{ identity: 'a', issuer: 'b', log: 'required' as const }];
  const rule = { image: toImagePattern(image), signers, provenance: null, attestations: [] };
  const policy: PolicySettings = { ...defaultPolicy(), gates: { trust: 'enforce' }, trust: [rule] };
  const files = { Dockerfile: `FROM python:3.11.6@${old}\n` };
  const { pass } = await rotated(files, registry, { track: 'patch' }, NO_FACTS, policy);
  expect(pass.plan.rotations.map((one) => one.verdict)).toEqual([verdict]);
});

it('follows a tag that lacks only platforms nobody configured', async () => {
  const registry = new TaggedRegistry();
  const old = registry.push('3.11.6', BOTH);
  const fresh = registry.push('3.11.9', ['linux/amd64']);
  const files = { Dockerfile: `FROM python:3.11.6@${old}\n` };
  const configured = { track: 'patch', platforms: ['linux/amd64'] };
  expect((await rotated(files, registry, { track: 'patch' })).after).toEqual(files);
  const { after, pass } = await rotated(files, registry, configured);
  expect(after).toEqual({ Dockerfile: `FROM python:3.11.9@${fresh}\n` });
  expect(pass.plan.rotations.map(({ verdict }) => verdict)).toEqual(['rotate']);
});

it.each([
  ['asked for where a move is proposed, on the platforms that matter', { platforms: ['linux/arm64'] }, 1],
  ['not asked for where it is held', { hold: { until: null, reason: null } }, 0],
] as const)('a smaller variant is %s', async (_, rule, times) => {
  const registry = new TaggedRegistry();
  const old = registry.push('3.11.6', BOTH);
  registry.tag('docker.io/library/python:3.11.6', registry.push('3.11.6-new', BOTH));
  const asked: string[] = [];
  const facts: FactPorts = {
    ...NO_FACTS,
    scan: async ({ to }) => scanDiffFact({}, { to }),
    suggest: async ({ to }, platforms) => {
      asked.push(`${to} ${platforms.map(formatPlatform).join()}`);
      return 'Fewer findings: elsewhere';
    },
  };
  const files = { Dockerfile: `FROM python:3.11.6@${old}\n` };
  const { pass } = await rotated(files, registry, rule, facts);
  const [rotation] = pass.plan.rotations;
  expect(asked).toEqual(times === 0 ? [] : [`${rotation?.to} linux/arm64`]);
  const reported = pass.plan.rotations.map((one) => reportOf(pass, one).suggestion);
  expect(reported).toEqual([times === 0 ? null : 'Fewer findings: elsewhere']);
});
