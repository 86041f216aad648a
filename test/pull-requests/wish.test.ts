import { beforeEach, describe, expect, it } from 'vitest';
import { readMarker } from '../../src/plan/body/marker.ts';
import type { Standing } from '../../src/pull-requests/standing.ts';
import { bodyOf, makeWish, type Wish } from '../../src/pull-requests/wish.ts';
import { type FakeMove, LEDGER } from '../support/fake-pass.ts';
import { MEMORY_RULES } from '../support/forge/memory-forge.ts';
import { NEW, NEWER, nginx, PublishingWorld, python } from '../support/forge/publishing.ts';
import { NOTHING_ASKED } from '../support/nothing-asked.ts';

const NOTHING_THERE: Standing = {
  branch: 'pinwheel/all',
  open: null,
  marker: null,
  ours: false,
  declined: new Set(),
  closed: [],
};

let world: PublishingWorld;
beforeEach(() => {
  world = new PublishingWorld();
});

async function wish(moves: readonly FakeMove[], marker: Standing['marker'] = null): Promise<Wish> {
  const context = await world.context(moves);
  const moving = context.pass.plan.rotations.filter(({ verdict }) => verdict === 'rotate');
  return makeWish(context, 'all', moving, { ...NOTHING_THERE, marker });
}

/** The marker of the pull request that a wish became. */
async function markerOf(moves: readonly FakeMove[], asked = NOTHING_ASKED) {
  const context = await world.context(moves, { asked });
  return readMarker(bodyOf(context, await wish(moves), 'abc'));
}

describe('makeWish', () => {
  it('writes today into a new pull request, and keeps the day of one with the same digests', async () => {
    expect((await wish([python()])).day).toBe('2026-11-20');
    const marker = await markerOf([python()]);
    world.now = new Date('2026-11-27T09:00:00Z');
    expect((await wish([python()], marker)).day).toBe('2026-11-20');
    expect((await wish([python(NEWER)], marker)).day).toBe('2026-11-27');
    expect((await wish([python(), nginx()], marker)).day).toBe('2026-11-27');
  });

  it.each(['', 'yesterday', '2026-13-40'])('takes today where the marker’s day is %j', async (day) => {
    const marker = await markerOf([python()]);
    if (marker === null) throw new Error('no marker');
    expect((await wish([python()], { ...marker, day })).day).toBe('2026-11-20');
  });

  it.each<[string, readonly FakeMove[], string, { content: boolean; material: boolean }]>([
    ['the same', [python()], '2026-11-20', { content: true, material: true }],
    ['another digest', [python(NEWER)], '2026-11-20', { content: false, material: false }],
    ['another verdict', [python(NEW, { verdicts: ['x'] })], '2026-11-20', { content: true, material: false }],
    ['another pin', [python(), nginx()], '2026-11-20', { content: false, material: false }],
  ])('tells what changed: %s', async (_, moves, day, same) => {
    const before = await wish([python()]);
    world.now = new Date(`${day}T09:00:00Z`);
    const after = await wish(moves, await markerOf([python()]));
    expect({
      content: after.content === before.content,
      material: after.material === before.material,
    }).toEqual(same);
  });

  it('has the same matter whatever day it is', async () => {
    const moves = [python(NEW, { verdicts: ['pinned for 40 days'] })];
    const before = await wish(moves);
    world.now = new Date('2026-12-20T09:00:00Z');
    const after = [python(NEW, { verdicts: ['pinned for 70 days'] })];
    expect((await wish(after, await markerOf(moves))).material).toBe(before.material);
  });

  it('names the ledger where that changes too', async () => {
    expect((await wish([python()])).ledger).toBe(LEDGER);
  });
});

describe('bodyOf', () => {
  it('carries who it is and what it was made of, and what was asked for by name', async () => {
    expect(await markerOf([python()])).toMatchObject({
      group: 'all',
      base: world.repository.git.must('main').sha,
      head: 'abc',
      day: '2026-11-20',
      named: [],
      closed: false,
    });
    const names = { ...NOTHING_ASKED, names: () => true };
    expect((await markerOf([python()], names))?.named).toEqual(['b'.repeat(16)]);
  });

  it('is never longer than this forge takes, and its marker stays whole', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => `- row ${i} of a long report`);
    const folds = [{ summary: 'long', section: { head: '', rows, foot: '' } }];
    const moves = [python(NEW, { folds })];
    const body = bodyOf(await world.context(moves), await wish(moves), 'abc');
    expect(body.length).toBeLessThanOrEqual(MEMORY_RULES.limits.body);
    expect(body.length).toBeGreaterThan(MEMORY_RULES.limits.body / 2);
    expect(readMarker(body)?.head).toBe('abc');
  });
});
