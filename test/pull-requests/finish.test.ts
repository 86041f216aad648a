import { beforeEach, describe, expect, it } from 'vitest';
import { sarifLog } from '../../src/report/sarif.ts';
import { MemoryForgeError } from '../support/forge/memory-error.ts';
import { MEMORY_RULES } from '../support/forge/memory-forge.ts';
import type { MemoryRepository } from '../support/forge/memory-repository.ts';
import { NEW, NEWER, nginx, PublishingWorld, python } from '../support/forge/publishing.ts';
import { publishSettings } from '../support/publish-settings.ts';

const CHECK = 'Pinwheel';
const BRANCH = 'pinwheel/all';

let world: PublishingWorld;
let repository: MemoryRepository;

beforeEach(() => {
  world = new PublishingWorld();
  repository = world.repository;
});

function sarif(rule: string, category = rule) {
  const log = sarifLog({
    tool: { name: 'Pinwheel', version: '0', informationUri: 'https://example.org' },
    rules: [],
    results: [{ ruleId: rule, level: 'error', message: 'm', path: 'Dockerfile', line: 1, fingerprint: rule }],
  });
  return { ...log, runs: log.runs.map((run) => ({ ...run, automationDetails: { id: category } })) };
}

const full = publishSettings({
  pullRequests: {
    ...publishSettings().pullRequests,
    reviewers: ['mona', 'acme/platform'],
    assignees: ['mona'],
    automerge: 'squash',
  },
});

describe('labels and people', () => {
  it('are set once: what a person takes away stays away', async () => {
    await world.pass([python()], { settings: full });
    expect(repository.reviewers.get(1)).toEqual(['mona', 'acme/platform']);
    expect(repository.assignees.get(1)).toEqual(['mona']);
    expect(repository.automerge.get(1)).toBe('squash');
    repository.pull(1).labels = ['docker'];
    repository.takeWrites();
    await world.pass([python(NEWER)], { settings: full });
    expect(repository.pull(1).labels).toEqual(['docker']);
    expect(repository.takeWrites().join()).not.toMatch(/tag|requestReviews|enableAutomerge/);
  });

  it('are set by the next pass where we died before the check', async () => {
    repository.fault = ({ method }) => (method === 'tag' ? new MemoryForgeError('unavailable', true) : null);
    await expect(world.pass([python()], { settings: full })).rejects.toMatchObject({ code: 'unavailable' });
    repository.fault = () => null;
    await world.pass([python()], { settings: full });
    expect(repository.pull(1).labels).toEqual(['dependencies', 'docker']);
    expect(repository.reviewers.get(1)).toBeDefined();
    expect(repository.check(BRANCH, CHECK)).not.toBeNull();
  });

  it('get the label of an urgent move when it becomes one, and never twice', async () => {
    await world.pass([python()]);
    await world.pass([python(NEW, { label: 'security' })]);
    expect(repository.pull(1).labels).toEqual(['dependencies', 'docker']);
    await world.pass([python(NEWER, { label: 'security' })]);
    expect(repository.pull(1).labels).toEqual(['dependencies', 'docker', 'security']);
    repository.takeWrites();
    await world.pass([python(NEWER, { label: 'security' })]);
    expect(repository.takeWrites()).toEqual([]);
  });

  it.each(['tag', 'requestReviews', 'enableAutomerge', 'putCheck'])(
    'a refusal of %s is a warning, and the rest goes on',
    async (refused) => {
      repository.fault = ({ method }) => (method === refused ? new MemoryForgeError('forbidden') : null);
      const report = await world.pass([python()], { settings: full });
      expect(report.outcomes.map(({ status }) => status)).toEqual(['opened']);
      expect([...new Set(report.warnings)]).toEqual([expect.stringContaining('the forge says forbidden')]);
      if (refused !== 'putCheck') expect(repository.check(BRANCH, CHECK)).not.toBeNull();
    },
  );
});

describe('findings', () => {
  it('go to code scanning in one log, each category once, no more runs than it takes', async () => {
    const { sarifRuns } = MEMORY_RULES.limits;
    expect(sarifRuns).toBe(2);
    repository.push('main', { 'c/Dockerfile': `FROM node:22@sha256:${'a'.repeat(64)}\n` });
    await world.pass([
      python(NEW, { sarif: sarif('CVE-1') }),
      nginx(NEWER, { sarif: sarif('CVE-2', 'CVE-1') }),
      { image: 'node:22', to: NEWER, report: { sarif: sarif('CVE-3') } },
    ]);
    const [upload] = repository.sarifs;
    expect(upload).toMatchObject({ pullRequest: 1, sha: repository.git.branches.get(BRANCH) });
    const { runs } = JSON.parse(upload?.text ?? '{}');
    expect(runs.length).toBeLessThanOrEqual(sarifRuns);
    const ids = runs.map((run: { automationDetails: { id: string } }) => run.automationDetails.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('of more images than it takes are cut to as many runs as it takes', async () => {
    repository.push('main', { 'c/Dockerfile': `FROM node:22@sha256:${'a'.repeat(64)}\n` });
    await world.pass([
      python(NEW, { sarif: sarif('CVE-1') }),
      nginx(NEWER, { sarif: sarif('CVE-2') }),
      { image: 'node:22', to: NEWER, report: { sarif: sarif('CVE-3') } },
    ]);
    expect(JSON.parse(repository.sarifs[0]?.text ?? '{}').runs).toHaveLength(2);
  });

  it('are not handed over where the settings say so, or there are none', async () => {
    await world.pass([python(NEW, { sarif: sarif('CVE-1') })], {
      settings: publishSettings({ scan: { sarif: false, sbom: false } }),
    });
    await world.pass([python(NEWER)]);
    expect(repository.sarifs).toEqual([]);
  });

  it('go on with a code scanning that is off', async () => {
    repository.codeScanning = false;
    expect(await world.pass([python(NEW, { sarif: sarif('CVE-1') })])).toMatchObject({
      outcomes: [{ status: 'opened' }],
      warnings: [],
    });
  });
});

describe('SBOMs', () => {
  it('are kept once a head and linked from the check, where this forge shows them', async () => {
    const settings = publishSettings({ scan: { sarif: false, sbom: true } });
    const file = { name: 'python.cdx.json', mediaType: 'application/json', text: '{}\n' };
    const moves = [python(NEW, { sboms: () => [file] })];
    await world.pass(moves, { settings });
    const sha = repository.kept.get('sbom/1') ?? '';
    expect(repository.text(sha, file.name)).toBe(file.text);
    expect(repository.check(BRANCH, CHECK)?.summary).toContain(`/kept/${sha}/python.cdx.json`);
    repository.takeWrites();
    await world.pass(moves, { settings });
    expect(repository.takeWrites()).toEqual([]);
  });

  it('are not asked for where nobody wants them', async () => {
    const sboms = () => {
      throw new Error('made for nobody');
    };
    expect(await world.pass([python(NEW, { sboms })])).toMatchObject({ warnings: [] });
    expect([...repository.kept]).toEqual([]);
  });
});

describe('a report that is longer than this forge’s check', () => {
  const pages = (row: string) => {
    const rows = Array.from({ length: 900 }, (_, i) => `- ${row} ${i} ${'x'.repeat(30)}`);
    return { full: [{ head: '### All\n', rows, foot: '' }] };
  };

  it('goes on in comments, edited rather than repeated', async () => {
    await world.pass([python(NEW, pages('one'))]);
    const check = repository.check(BRANCH, CHECK);
    expect(check?.text.length).toBeLessThanOrEqual(MEMORY_RULES.limits.checkText);
    const comments = repository.commentsOn(1);
    expect(comments.length).toBeGreaterThan(1);
    expect(check?.text).toContain(`continues in ${comments.length} comments`);
    const all = [check?.text, ...comments.map(({ body }) => body)].join('\n');
    for (const i of [0, 450, 899]) expect(all).toContain(`one ${i} x`);
    repository.takeWrites();
    await world.pass([python(NEW, pages('one'))]);
    expect(repository.takeWrites()).toEqual([]);
    await world.pass([python(NEWER, pages('two'))]);
    expect(repository.commentsOn(1)).toHaveLength(comments.length);
    expect(repository.commentsOn(1)[0]?.body).toContain('two');
  });
});
