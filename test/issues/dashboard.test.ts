import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { GITHUB_RULES } from '../../src/adapters/github/rules.ts';
import {
  type DashboardInput,
  findDashboard,
  renderDashboard,
  startKey,
  tickedStarts,
} from '../../src/issues/dashboard.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { GroupOutcome } from '../../src/pull-requests/outcome.ts';
import { digestOf, type FakeMove, passOver, rotationsOver } from '../support/fake-pass.ts';

const files = new Map([['Dockerfile', `FROM python:3.11@${digestOf('a')}\n`]]);
const plan = (move: Partial<FakeMove>): Plan => ({
  rotations: rotationsOver(files, [{ image: 'python:3.11', to: digestOf('b'), ...move }]),
  edits: [],
  ledger: null,
  failures: [],
});
const { answers } = await passOver(files, [{ image: 'python:3.11', to: digestOf('b') }]);
const moving = plan({});
const held = plan({ held: true });

function outcome(change: Partial<GroupOutcome>): GroupOutcome {
  return {
    group: 'all',
    rotations: moving.rotations,
    status: 'unchanged',
    number: 7,
    url: 'https://github.com/o/r/pull/7',
    detail: null,
    ...change,
  };
}

function render(change: Partial<DashboardInput>): string {
  return renderDashboard(
    { plan: moving, answers, notes: [], outcomes: [], troubles: [], ...change },
    GITHUB_RULES,
  );
}

describe('renderDashboard', () => {
  it.each<[string, Partial<DashboardInput>, string]>([
    [
      'open',
      { outcomes: [outcome({})] },
      '### Open pull requests\n\n- #7 `python:3.11: aaaaaaaa -> bbbbbbbb`',
    ],
    [
      'left alone',
      { outcomes: [outcome({ status: 'left-alone', detail: 'someone pushed' })] },
      'skipped: someone pushed',
    ],
    [
      'waiting',
      { outcomes: [outcome({ status: 'waiting', number: null, detail: 'the limit' })] },
      '### Waiting',
    ],
    ['declined', { outcomes: [outcome({ status: 'declined', number: null })] }, '### Closed without merging'],
    ['held', { plan: held }, '### Held'],
    [
      'failed',
      { outcomes: [outcome({ status: 'failed', number: null, detail: 'GitHub answered 403' })] },
      'GitHub answered 403',
    ],
    ['given up', { troubles: ['Given up on 2026-11-19'] }, 'Given up on 2026-11-19'],
    [
      'noted',
      { notes: ['images[0].match "a" matches nothing here'] },
      '### Notes\n\n- images&#91;0&#93;.match',
    ],
    ['all pins', {}, '<details><summary>1 pin</summary>'],
  ])('shows what is %s', (_, change, expected) => {
    expect(render(change)).toContain(expected);
  });

  it('is found by its mark, and stays under the limit of an issue', () => {
    const many = Array.from({ length: 3000 }, (_, i) => outcome({ number: i }));
    const body = render({ outcomes: many });
    expect(body.length).toBeLessThan(65_536);
    const issue = {
      number: 1,
      title: 't',
      body,
      author: 'a',
      state: 'open',
      isPullRequest: false,
      url: 'u',
    } as const;
    expect(findDashboard([{ ...issue, body: 'other' }, issue])).toBe(issue);
    expect(findDashboard([{ ...issue, isPullRequest: true }])).toBeNull();
  });

  it('keeps text of others inert', () => {
    const hostile = '@all #1 <script>x</script> [a](javascript:b)';
    const body = render({
      outcomes: [outcome({ status: 'failed', number: null, detail: hostile })],
      troubles: [hostile],
    });
    expect(body).not.toMatch(/@all|(?<![\w&])#1\b/);
    expect(marked.parse(body, { async: false })).not.toMatch(/<script|href="javascript/);
  });
});

describe('tickedStarts', () => {
  it('reads the boxes that are ticked', () => {
    const body = render({ plan: held });
    expect(tickedStarts(body)).toEqual(new Set());
    const [rotation] = held.rotations;
    if (rotation === undefined) throw new Error('no rotation');
    expect(tickedStarts(body.replace('- [ ]', '- [x]').replaceAll('\n', '\r\n'))).toEqual(
      new Set([startKey(rotation)]),
    );
  });

  it.each(['- [x] <!-- pinwheel:start:zz -->', '[x] <!-- pinwheel:start:0123456789abcdef -->', ''])(
    'finds nothing in %j',
    (line) => {
      expect(tickedStarts(line)).toEqual(new Set());
    },
  );
});
