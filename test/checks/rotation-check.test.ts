import { beforeEach, describe, expect, it } from 'vitest';
import { CHECK_NAME, furtherPages, lookAtCheck, writeCheck } from '../../src/checks/rotation-check.ts';
import { isoDate } from '../../src/domain/ledger-entry.ts';
import type { ForgeIdentity } from '../../src/forge/types.ts';
import type { ReportedRotation } from '../../src/plan/body/body.ts';
import type { FakeMove } from '../support/fake-pass.ts';
import { MemoryForgeError } from '../support/forge/memory-error.ts';
import { APP, MEMORY_RULES, memoryForge, TOKEN } from '../support/forge/memory-forge.ts';
import { NEW, NEWER, nginx, PublishingWorld, python } from '../support/forge/publishing.ts';

let world: PublishingWorld;
let head: string;
let warnings: string[];

beforeEach(() => {
  world = new PublishingWorld();
  head = world.repository.git.must('main').sha;
  warnings = [];
});

const context = (identity: ForgeIdentity = APP, today = '2026-11-20') => ({
  forge: memoryForge(world.repository, identity),
  identity,
  today: isoDate(new Date(today)),
  warn: (message: string) => void warnings.push(message),
});

async function movesOf(moves: readonly FakeMove[]): Promise<readonly ReportedRotation[]> {
  const { pass, reportOf } = await world.context(moves);
  const moving = pass.plan.rotations.filter(({ verdict }) => verdict === 'rotate');
  return moving.map((rotation) => ({ rotation, report: reportOf(rotation) }));
}

/** Writes the check as a pass does: after a look at the one that is there. */
async function check(moves: readonly FakeMove[], of = context()): Promise<void> {
  await writeCheck(of, await movesOf(moves), head, await lookAtCheck(of, head));
}

const shown = () => world.repository.check('main', CHECK_NAME);
const delta = (critical: number) => ({
  delta: { fixed: { critical, high: 1, lower: 0 }, introduced: { critical: 0, high: 1, lower: 1 } },
});

describe('the check of a rotation', () => {
  it.each([
    ['one move', [python()], '1 base image to rotate'],
    ['two moves', [python(), nginx()], '2 base images to rotate'],
    [
      'what is fixed',
      [python(NEW, delta(3)), nginx(NEWER, delta(1))],
      '2 base images: −4 critical, −2 high, +4 new',
    ],
  ])('has a title of %s', async (_, moves, title) => {
    await check(moves);
    expect(shown()).toMatchObject({ title, conclusion: 'success' });
  });

  it('is written once for the same matter, on any day', async () => {
    const verdicts = (days: number) => [python(NEW, { verdicts: [`pinned for ${days} days`] })];
    await check(verdicts(3));
    world.repository.takeWrites();
    await check(verdicts(4), context(APP, '2026-11-21'));
    expect(world.repository.takeWrites()).toEqual([]);
    await check([python(NEW, { verdicts: ['another verdict'] })]);
    expect(world.repository.takeWrites()).toEqual([`putCheck ${CHECK_NAME}`]);
  });

  it('is written again where somebody asked for it', async () => {
    await check([python()]);
    world.repository.rerun(head, CHECK_NAME);
    world.repository.takeWrites();
    await check([python()]);
    expect(world.repository.takeWrites()).toHaveLength(1);
  });

  it('is not tried for an identity that may not write one', async () => {
    await check([python()], context(TOKEN));
    expect(shown()).toBeNull();
    expect(warnings).toEqual([]);
  });

  it('falls back to its title where the moves are more than it takes', async () => {
    const verdicts = Array.from({ length: 600 }, (_, i) => `verdict ${i} ${'x'.repeat(40)}`);
    await check([python(NEW, { verdicts })]);
    expect(shown()?.summary).toBe('1 base image to rotate');
    expect(shown()?.text.length).toBeLessThanOrEqual(MEMORY_RULES.limits.checkText);
  });

  it('links files that are kept, which are no matter of their own', async () => {
    const moves = await movesOf([python()]);
    const files = [{ name: 'python.cdx.json', url: 'https://forge.example/kept/1/python.cdx.json' }];
    await writeCheck(context(), moves, head, null);
    const plain = shown();
    await writeCheck(context(), moves, head, null, files);
    expect(shown()?.summary.startsWith(plain?.summary ?? 'none')).toBe(true);
    expect(shown()?.summary).toContain(`](${files[0]?.url})`);
    expect(shown()?.externalId).toBe(plain?.externalId);
    expect(plain?.summary).not.toContain('kept');
  });

  const rows = (count: number) => ({
    folds: [{ summary: 'fold', section: { head: '### Folded', rows: ['- a folded row'], foot: '' } }],
    full: [{ head: '### All', rows: Array.from({ length: count }, (_, i) => `- row ${i}`), foot: '' }],
  });

  it.each([
    ['one page', 10, 1],
    ['two pages', 1500, 2],
    ['more', 3000, 3],
  ])('tells the whole report over %s, none too long for a check or a comment', async (_, count, pages) => {
    const moves = await movesOf([python(NEW, rows(count))]);
    await writeCheck(context(), moves, head, null);
    const text = shown()?.text ?? '';
    for (const limits of [MEMORY_RULES.limits, { ...MEMORY_RULES.limits, checkText: 40_000, body: 12_000 }]) {
      const further = furtherPages(moves, limits);
      expect(further).toHaveLength(pages - 1);
      for (const page of further) expect(page.length).toBeLessThan(12_000);
      const all = [text, ...further].join('\n');
      const shownRows = all.match(/^- .*row.*$/gm) ?? [];
      expect(shownRows).toHaveLength(count + 1);
      expect(new Set(shownRows).size).toBe(count + 1);
    }
    const told = { 1: null, 2: 'a comment', 3: '2 comments' }[pages];
    if (told === null) expect(text).not.toContain('comment');
    else expect(text.split('\n').at(-1)).toContain(told);
  });

  it('of moves that nothing is known of has an empty report', async () => {
    const moves = await movesOf([python(NEW, { folds: [], full: [] })]);
    await writeCheck(context(), moves, head, null);
    expect(shown()?.text).toBe('');
    expect(furtherPages(moves, MEMORY_RULES.limits)).toEqual([]);
  });

  it('sums up with the table of moves and what speaks for them', async () => {
    await check([python(NEW, { verdicts: ['✅ signed'] })]);
    expect(shown()?.summary).toMatch(/^\|.*python:3\.11[\s\S]*\n- ✅ signed$/m);
  });

  it.each([
    ['forbidden', false, 1],
    ['unavailable', true, 0],
  ])('a refusal: %s', async (code, temporary, told) => {
    world.repository.fault = ({ method }) =>
      method === 'putCheck' ? new MemoryForgeError(code, temporary) : null;
    const done = check([python()]);
    if (temporary) await expect(done).rejects.toMatchObject({ code });
    else await done;
    expect(warnings).toHaveLength(told);
  });

  it.each([
    ['that may not be seen is none', false],
    ['that cannot be asked for is thrown', true],
  ])('one %s', async (_, temporary) => {
    await check([python()]);
    world.repository.fault = ({ method }) =>
      method === 'checkRun' ? new MemoryForgeError('forbidden', temporary) : null;
    const looked = lookAtCheck(context(), head);
    if (temporary) await expect(looked).rejects.toMatchObject({ temporary: true });
    else expect(await looked).toBeNull();
  });
});
