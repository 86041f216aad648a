import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRegistry } from '../../src/adapters/registry/registry.ts';
import { openWorktree } from '../../src/adapters/worktree/worktree.ts';
import type { PinHistory } from '../../src/assess/age.ts';
import type { ScanDiffFact } from '../../src/assess/diff/scan-diff.ts';
import { mergeConfig, parseRepositoryConfig, type RepositoryConfig } from '../../src/config/repository.ts';
import type { Tree } from '../../src/discover/tree.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { checkView, findLiveTags } from '../../src/pass/check.ts';
import { gather } from '../../src/pass/gather.ts';
import { type FactPorts, NO_FACTS } from '../../src/pass/ports.ts';
import { passRequest } from '../../src/pass/request.ts';
import type { Registry } from '../../src/resolve/registry.ts';
import { finding, scanDiffFact } from '../support/findings.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../support/registry/embedded-registry.ts';
import { registryEntry } from '../support/registry-entry.ts';

let embedded: EmbeddedRegistry;
let registry: Registry;
let folder: string;
let digest: Digest;

beforeEach(async () => {
  embedded = await startEmbeddedRegistry();
  registry = createRegistry({
    settings: { registries: [registryEntry(embedded.host, { plainHttp: true, allowPrivate: true })] },
    env: {},
    sleep: async () => {},
  });
  folder = mkdtempSync(join(tmpdir(), 'pinwheel-check-'));
  digest = embedded.pushImage('base/app', '1', { created: '1970-01-01T00:00:00Z' }).top.digest;
  await writeFile(join(folder, 'Dockerfile'), `FROM ${embedded.host}/base/app:1@${digest}\n`);
});

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await registry.close();
  await embedded.close();
});

const NO_HISTORY: PinHistory = { pinnedOn: async () => new Map() };

function configured(text: string): RepositoryConfig {
  const file = parseRepositoryConfig(text, 'pinwheel.yml');
  const merged = file.ok ? mergeConfig(null, file.value) : file;
  if (!merged.ok) throw new Error('bad configuration');
  return merged.value;
}

type Asked = { readonly scan?: FactPorts['scan']; readonly history?: PinHistory };

/** `base`: the tree that the folder is a change of; none: it is judged as it stands. */
async function check(
  config: string,
  { scan = null, history = NO_HISTORY }: Asked = {},
  base: Tree | null = null,
) {
  const tree = openWorktree(folder);
  const facts = { ...NO_FACTS, scan };
  const asOf = new Date('2026-11-20T12:00:00Z');
  const request = passRequest(asOf, { look: 'pins', base });
  const pass = await gather({ tree, registry, facts, history }, configured(config), request);
  return checkView(pass, { ledger: false, alive: await findLiveTags(pass, registry) });
}

/** A base without a file: every pin of the change is new. */
const NOTHING_BEFORE = memoryTree(new Map());
describe('patterns that match nothing', () => {
  const SETTINGS = (stage: string) => `
images: [{ match: pyhton }, { match: "*" }]
files: { exclude: [gone/] }
policy:
  stage: ${stage}
  trust:
    - { image: "ghcr.io/acme/*", signers: [{ keyFile: k.pub }] }
`;
  const trust = 'policy.trust[0].image "ghcr.io/acme/*" matches nothing here';

  test('are notes', async () => {
    const { notes, report } = await check(SETTINGS('age'), {});
    expect(notes).toEqual(
      expect.arrayContaining([
        'files.exclude[0] "gone/" matches nothing here (pinwheel.yml:3)',
        'images[0].match "pyhton" matches nothing here (pinwheel.yml:2)',
        `${trust} (pinwheel.yml:7)`,
      ]),
    );
    expect(report.findings.filter(({ rule }) => rule === 'unmatched-trust')).toEqual([]);
  });

  test('of an enforced trust rule are a warning at its line', async () => {
    const { notes, report } = await check(SETTINGS('provenance'), {});
    expect(report.findings.filter(({ rule }) => rule === 'unmatched-trust')).toMatchObject([
      { level: 'warning', file: 'pinwheel.yml', line: 7, message: expect.stringContaining(trust) },
    ]);
    expect(notes.join()).not.toContain('policy.trust');
  });
});

/** What a scan of the pinned digest alone says; null: it could not be scanned. */
function scanned(ids: readonly string[] | null): ScanDiffFact {
  const unchanged = (ids ?? []).map((id) => finding(id, 'openssl', { severity: 'critical' }));
  return scanDiffFact(ids === null ? null : { unchanged });
}

describe('the baseline', () => {
  const BASELINE = 'policy:\n  stage: baseline\n';

  test('is asked for only where it is enforced', async () => {
    let scans = 0;
    const scan = async () => {
      scans += 1;
      return scanned(['CVE-2026-1']);
    };
    expect(
      (await check('policy:\n  stage: monitor\n', { scan })).report.findings.map(({ rule }) => rule),
    ).toEqual(['unknown-age']);
    expect(scans).toBe(0);
    const { report, failures } = await check(BASELINE, { scan });
    expect(report.violations).toMatchObject([
      { rule: 'new-critical', message: expect.stringContaining('CVE-2026-1') },
    ]);
    expect(failures).toEqual([]);
    expect(scans).toBe(1);
  });

  test('accepts what the file lists, and no more', async () => {
    const scan = async () => scanned(['CVE-2026-1', 'CVE-2026-2']);
    const name = `${embedded.host}/base/app:1`;
    const file = { version: 1, images: { [name]: [{ id: 'CVE-2026-1', package: 'openssl' }] } };
    await writeFile(join(folder, 'baseline.json'), JSON.stringify(file));
    const { report } = await check(`${BASELINE}  baseline: baseline.json\n`, { scan });
    expect(report.violations).toHaveLength(1);
    expect(report.violations[0]?.message).not.toContain('CVE-2026-1 ');
    await writeFile(join(folder, 'baseline.json'), '{');
    expect((await check(`${BASELINE}  baseline: baseline.json\n`, { scan })).failures).toMatchObject([
      { code: 'invalid-baseline' },
    ]);
  });

  test.each([
    ['the scanner failed', async () => scanned(null)],
    ['the scan threw', () => Promise.reject(new Error('no network'))],
    ['nobody scans', null],
  ])('what is not known is a failure, never a pass: %s', async (_, scan) => {
    const { report, failures } = await check(BASELINE, { scan });
    expect(report.violations).toEqual([]);
    expect(failures).toMatchObject([{ code: 'scan-unavailable', subject: `${embedded.host}/base/app:1` }]);
  });
});

describe('clocks', () => {
  const AGE = 'policy:\n  stage: age\n';
  const history = (date: string): PinHistory => ({
    pinnedOn: async (digests) =>
      new Map(digests.map((one) => [one, { status: 'known', date: date as never }])),
  });

  test('the history is asked where the ledger does not say', async () => {
    embedded.pushImage('base/app', '1', { seed: 'new' });
    expect((await check(AGE, { history: history('2026-11-01') })).report.violations).toMatchObject([
      { rule: 'expired' },
    ]);
    expect((await check(AGE, { history: history('2026-11-06') })).report.violations).toEqual([]);
  });

  test('what a change did not touch only warns', async () => {
    embedded.pushImage('base/app', '1', { seed: 'new' });
    const { report } = await check(AGE, { history: history('2026-11-01') }, openWorktree(folder));
    expect(report).toMatchObject({ violations: [], findings: [{ rule: 'expired', level: 'warning' }] });
  });

  test('a change cannot make its pin younger by the ledger it brings', async () => {
    const old = embedded.pushImage('base/old', '1', { created: '2026-09-01T00:00:00Z' }).top.digest;
    embedded.pushImage('base/old', '1', { seed: 'new' });
    await writeFile(join(folder, 'Dockerfile'), `FROM ${embedded.host}/base/old:1@${old}\n`);
    const row = `| \`${embedded.host}/base/old\` | \`1\` | \`${old}\` | 2026-11-19 |`;
    await writeFile(
      join(folder, 'BASE_IMAGE_DIGESTS.md'),
      `| Image | Tag | Digest | Published |\n|---|---|---|---|\n${row}\n`,
    );
    expect((await check(AGE, {}, NOTHING_BEFORE)).report.pins).toMatchObject([
      { age: { status: 'expired', since: '2026-09-01' } },
    ]);
    expect((await check(AGE)).report.pins).toMatchObject([{ age: { status: 'fresh', since: '2026-11-19' } }]);
  });

  test('a history that does not know is told', async () => {
    const silent: PinHistory = {
      pinnedOn: async (digests) =>
        new Map(digests.map((one) => [one, { status: 'unknown', reason: 'shallow' }])),
    };
    const { report, notes } = await check(AGE, { history: silent });
    expect(report.pins).toMatchObject([{ age: { status: 'unknown' } }]);
    expect(notes).toEqual([expect.stringContaining('shallow')]);
  });

  test.each([
    ['a failure where it is enforced', AGE, true, 1, 0],
    ['shown where it is configured so', `${AGE}  age:\n    unknown: warn\n`, true, 0, 0],
    ['a violation where it is configured so', `${AGE}  age:\n    unknown: violation\n`, true, 0, 1],
    ['shown where nothing is enforced', 'policy: {}\n', true, 0, 0],
    ['shown where the change did not touch it', AGE, false, 0, 0],
  ])('an age that nobody knows is no pass: %s', async (_, config, touched, failed, violated) => {
    const base = touched ? null : openWorktree(folder);
    const { report, failures } = await check(config, { scan: async () => scanned([]) }, base);
    expect(report.findings).toMatchObject([{ rule: 'unknown-age' }]);
    expect(report.violations).toHaveLength(violated);
    expect(failures.map(({ code }) => code)).toEqual(Array(failed).fill('age-unknown'));
  });
});
