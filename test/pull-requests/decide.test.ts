import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Marker } from '../../src/plan/body/marker.ts';
import {
  type Action,
  decidePullRequest,
  type GroupState,
  type Wanted,
} from '../../src/pull-requests/decide.ts';

const marker: Marker = {
  group: 'all',
  pins: [],
  day: '2026-11-20',
  base: 'b',
  head: 'h',
  content: 'c1',
  material: 'm1',
  named: [],
  closed: false,
};
const wanted = { content: 'c1', material: 'm1', baseBranch: 'main' };
const free = { open: 5, perHour: 5 };
const open = { marker, baseBranch: 'main', ours: true, rebuildAsked: false };
const none: GroupState = { open: null, leftoverBranch: false };

describe('decidePullRequest', () => {
  it.each<[string, GroupState, Wanted, Action]>([
    ['nothing there, nothing wanted', none, null, { kind: 'nothing' }],
    ['a branch left over', { ...none, leftoverBranch: true }, null, { kind: 'delete-branch' }],
    ['nothing there, wanted', none, wanted, { kind: 'open' }],
    ['open and as wanted', { ...none, open }, wanted, { kind: 'nothing' }],
    ['open, nothing wanted', { ...none, open }, null, { kind: 'close' }],
    ['files differ', { ...none, open }, { ...wanted, content: 'c2' }, { kind: 'rebuild', because: 'moved' }],
    ['only the text differs', { ...none, open }, { ...wanted, material: 'm2' }, { kind: 'refresh-text' }],
    [
      'another base',
      { ...none, open },
      { ...wanted, baseBranch: 'next' },
      { kind: 'rebuild', because: 'base-branch' },
    ],
    [
      'the marker is gone',
      { ...none, open: { ...open, marker: null } },
      wanted,
      { kind: 'rebuild', because: 'unknown-state' },
    ],
    [
      'the box is ticked',
      { ...none, open: { ...open, rebuildAsked: true } },
      wanted,
      { kind: 'rebuild', because: 'asked' },
    ],
    [
      'a person pushed',
      { ...none, open: { ...open, ours: false } },
      { ...wanted, content: 'c2' },
      { kind: 'leave-alone' },
    ],
    [
      'a person pushed, nothing wanted',
      { ...none, open: { ...open, ours: false } },
      null,
      { kind: 'leave-alone' },
    ],
    [
      'a person pushed and gives it back',
      { ...none, open: { ...open, ours: false, rebuildAsked: true } },
      wanted,
      { kind: 'rebuild', because: 'asked' },
    ],
  ])('%s', (_, state, wish, action) => {
    expect(decidePullRequest(state, wish, free)).toEqual(action);
  });

  it.each([
    [{ open: 0, perHour: 5 }, 'open-limit'],
    [{ open: 5, perHour: 0 }, 'hourly-limit'],
    [{ open: -1, perHour: -1 }, 'open-limit'],
  ] as const)('waits at the limits %o', (limits, because) => {
    expect(decidePullRequest(none, wanted, limits)).toEqual({ kind: 'wait', because });
  });

  it('comes to rest: what an action leads to asks for nothing more', () => {
    const text = fc.constantFrom('1', '2');
    const wish = fc.option(fc.record({ content: text, material: text, baseBranch: text }));
    const state = fc.record({
      leftoverBranch: fc.boolean(),
      open: fc.option(
        fc.record({
          marker: fc.option(
            fc.record({ content: text, material: text }).map((part) => ({ ...marker, ...part })),
          ),
          baseBranch: text,
          ours: fc.boolean(),
          rebuildAsked: fc.boolean(),
        }),
      ),
    });
    fc.assert(
      fc.property(state, wish, (before, wanted) => {
        const action = decidePullRequest(before, wanted, free);
        const after = carryOut(before, wanted, action);
        const rest = decidePullRequest(after, wanted, free).kind;
        expect(['nothing', 'leave-alone']).toContain(rest);
      }),
    );
  });
});

/** What the forge looks like once an action was carried out. */
function carryOut(before: GroupState, wanted: Wanted, action: Action): GroupState {
  switch (action.kind) {
    case 'open':
    case 'rebuild':
    case 'refresh-text':
      if (wanted === null) return before;
      return {
        leftoverBranch: false,
        open: {
          marker: { ...marker, ...wanted },
          baseBranch: wanted.baseBranch,
          ours: true,
          rebuildAsked: false,
        },
      };
    case 'close':
    case 'delete-branch':
      return none;
    default:
      return before;
  }
}
