import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repositoryKey } from '../../src/domain/repository-name.ts';
import { mergeRequests, priorityRank, type RotationRequest } from '../../src/queue/request.ts';
import { retryDelayMs } from '../../src/queue/retry.ts';
import { command, request } from '../support/requests.ts';

const priorities = ['background', 'event', 'command'] as const;
const anyRequest: fc.Arbitrary<RotationRequest> = fc
  .record({
    priority: fc.constantFrom(...priorities),
    scope: fc.record({
      everything: fc.boolean(),
      files: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
      pullRequests: fc.uniqueArray(fc.integer({ min: 1, max: 4 })),
      mergeGroups: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
      dashboard: fc.boolean(),
    }),
    commands: fc.uniqueArray(fc.integer({ min: 1, max: 5 })).map((ids) => ids.map(command)),
    since: fc.constantFrom(null, undefined, '2026-11-18T00:00:00.000Z', '2026-11-19T00:00:00.000Z'),
  })
  .map((init) => request('acme/shop', init));

describe('mergeRequests', () => {
  it('loses nothing and answers no comment twice', () => {
    fc.assert(
      fc.property(anyRequest, anyRequest, (a, b) => {
        const merged = mergeRequests(a, b);
        for (const one of [a, b]) {
          expect(merged.commands).toEqual(expect.arrayContaining([...one.commands]));
          expect(merged.scope.files).toEqual(expect.arrayContaining([...one.scope.files]));
          expect(merged.scope.pullRequests).toEqual(expect.arrayContaining([...one.scope.pullRequests]));
          expect(merged.scope.mergeGroups).toEqual(expect.arrayContaining([...one.scope.mergeGroups]));
          expect(merged.scope.everything || !one.scope.everything).toBe(true);
          expect(merged.scope.dashboard || !one.scope.dashboard).toBe(true);
          expect(priorityRank(merged.priority)).toBeGreaterThanOrEqual(priorityRank(one.priority));
          expect(merged.visit === null && one.visit !== null).toBe(false);
        }
        const ids = merged.commands.map((one) => one.commentId);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
  it('gives the same in any grouping', () => {
    fc.assert(
      fc.property(anyRequest, anyRequest, anyRequest, (a, b, c) => {
        expect(mergeRequests(mergeRequests(a, b), c)).toEqual(mergeRequests(a, mergeRequests(b, c)));
      }),
    );
  });
  it('widens the visit', () => {
    const merged = mergeRequests(
      request('acme/shop', { since: '2026-11-19T00:00:00.000Z' }),
      request('acme/shop', { since: '2026-11-18T00:00:00.000Z' }),
    );
    expect(merged.visit).toEqual({ since: '2026-11-18T00:00:00.000Z', until: '2026-11-20T00:00:00.000Z' });
  });
});

it('knows a repository in any spelling', () => {
  expect(repositoryKey({ owner: 'Acme', name: 'Shop' })).toBe('acme/shop');
});

it.each([
  [1, 0, 24_000],
  [1, 0.5, 30_000],
  [2, 0.5, 60_000],
  [5, 0.5, 480_000],
  [50, 0.5, 3_600_000],
  [50, 0.999999, 4_319_999],
])('waits after failure %i (random %d): %i ms', (attempt, random, ms) => {
  expect(retryDelayMs(attempt, random)).toBe(ms);
});
