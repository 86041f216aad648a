import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorktree } from '../../src/adapters/worktree/worktree.ts';
import { defaultConfig } from '../../src/config/repository.ts';
import { type Digest, toDigest } from '../../src/domain/digest.ts';
import { tagKey } from '../../src/domain/image-reference.ts';
import { gather } from '../../src/pass/gather.ts';
import { NO_FACTS } from '../../src/pass/ports.ts';
import { passRequest } from '../../src/pass/request.ts';
import { allChanges } from '../../src/pass/rotate.ts';
import { surveyTree } from '../../src/pass/survey.ts';
import { groupPins } from '../../src/plan/pins.ts';
import { fakeRegistry } from '../support/fake-registry.ts';

const ROOT = join(import.meta.dirname, '../fixtures', 'repositories');
const EXTRACTION = join(import.meta.dirname, '../fixtures', 'extract');
const NOW = new Date('2026-11-20T10:00:00Z');
const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

/** A copy to write to, without the expectations of other tests. */
function copyOf(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'pinwheel-repository-'));
  made.push(copy);
  cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('expected.json') });
  return copy;
}

/** A registry where every tag of the repository points to a digest of its own. */
async function registryFor(root: string) {
  const { sites } = await surveyTree(openWorktree(root), defaultConfig());
  const tags = new Map<string, Digest>();
  for (const { image } of groupPins(sites)) {
    const key = tagKey(image);
    if (!tags.has(key)) tags.set(key, toDigest(`sha256:${`f${tags.size.toString(16)}`.padEnd(63, 'e')}0`));
  }
  return { registry: fakeRegistry(tags), tags };
}

async function rotate(root: string, pin: boolean) {
  const { registry, tags } = await registryFor(root);
  const tree = openWorktree(root);
  const ports = { tree, registry, facts: NO_FACTS, history: null };
  const pass = await gather(ports, defaultConfig(), passRequest(NOW, { pin }));
  await tree.apply(allChanges(pass));
  return { pass, tags, after: await surveyTree(openWorktree(root), defaultConfig()) };
}

describe.each(readdirSync(ROOT).sort())('%s, rotated whole', (name) => {
  it.each([
    ['what is pinned', false],
    ['and pinned where it is not', true],
  ])('%s', async (_name, pin) => {
    const root = copyOf(join(ROOT, name));
    const { pass, tags, after } = await rotate(root, pin);
    expect(pass.plan.failures).toEqual([]);
    const told = (sites: typeof after.sites) =>
      sites.map((site) => `${site.file}:${site.line} ${site.kind} ${site.pin}`);
    expect(told(after.sites)).toEqual(told(pass.survey.sites));
    const stale = groupPins(after.sites).filter(
      ({ image, from }) => (pin || from !== null) && from !== tags.get(tagKey(image)),
    );
    expect(stale).toEqual([]);
    const ports = { registry: fakeRegistry(tags), facts: NO_FACTS, history: null };
    const again = await gather(
      { tree: openWorktree(root), ...ports },
      defaultConfig(),
      passRequest(NOW, { pin }),
    );
    expect(allChanges(again)).toEqual([]);
  });
});

describe('every golden case, pinned and rotated in one go', () => {
  it.each(readdirSync(EXTRACTION).sort())('%s', async (format) => {
    const root = copyOf(join(EXTRACTION, format));
    const { pass } = await rotate(root, true);
    const unproved = pass.plan.failures.filter(
      ({ code }) => code === 'unintended-change' || code === 'overlapping-edits',
    );
    expect(unproved).toEqual([]);
  });
});
