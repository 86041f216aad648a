import { describe, expect, it } from 'vitest';
import { putPinCheck, putUnchecked, pinCheckRequest as requestOf } from '../../src/checks/pin-check.ts';
import { imageSettings } from '../../src/config/image-settings.ts';
import { defaultConfig } from '../../src/config/repository.ts';
import { toDigest } from '../../src/domain/digest.ts';
import type { IsoDate } from '../../src/domain/ledger-entry.ts';
import { extractAs } from '../../src/extract/extract-as.ts';
import type { CheckResult } from '../../src/pass/check.ts';
import type { CheckFinding, PinToCheck } from '../../src/policy/check.ts';
import { imageRules, ruleSources } from '../../src/policy/stages.ts';
import { APP, memoryForge, TOKEN } from '../support/forge/memory-forge.ts';
import { MemoryRepository } from '../support/forge/memory-repository.ts';

const PIN_CHECK_NAME = 'Pinwheel / base image age';

const IMAGE = { registry: 'docker.io', repository: 'library/python', tag: '3.11' };
const RULES = imageRules(
  IMAGE,
  ruleSources(defaultConfig(), null, imageSettings(defaultConfig(), IMAGE, '2026-11-20')),
);

const SHA = 'f'.repeat(40);
const finding = (level: CheckFinding['level'], line = 3, message = 'too old'): CheckFinding => ({
  rule: 'expired',
  level,
  image: 'docker.io/library/python:3.11',
  file: 'Dockerfile',
  line,
  message,
});

function result(findings: readonly CheckFinding[], failures: CheckResult['failures'] = []): CheckResult {
  return {
    report: { pins: [], findings, violations: findings.filter((one) => one.level === 'violation') },
    failures,
    notes: [],
    // Only the report is shown.
    survey: {
      sites: [],
      skipped: [],
      errors: [],
      extractions: [],
      extract: extractAs,
      sources: new Map(),
      texts: new Map(),
      ledger: null,
      ledgerIsDamaged: false,
      findings: [],
      failures: [],
      unmatched: [],
    },
  };
}

const outage = {
  subject: 'docker.io/library/a:1',
  code: 'unavailable',
  message: 'HTTP 503',
  temporary: true,
};

const AGE: NonNullable<PinToCheck['age']> = {
  status: 'fresh',
  basis: 'pinned-on',
  since: '2026-11-10' as IsoDate,
  ageDays: 10,
  limitDays: 14,
  message: '',
};
const PIN: PinToCheck = {
  image: IMAGE,
  digest: toDigest(`sha256:${'ab'.repeat(32)}`),
  sites: [{ file: 'Dockerfile', line: 1 }],
  latest: null,
  clocks: { published: null, firstSeen: null, pinnedOn: null },
  verdict: 'hold',
  reasons: [{ code: 'cool-down', message: 'waits' }],
  touched: true,
  findings: null,
  trust: null,
  liveTags: [],
  rules: RULES,
  age: AGE,
};

function withPins(...pins: readonly PinToCheck[]): CheckResult {
  const base = result([]);
  return { ...base, report: { ...base.report, pins } };
}

function pinCheckRequest(given: CheckResult) {
  return requestOf(SHA, given, { checkText: 65_535 });
}

describe('the check of pins', () => {
  it.each([
    [[], [], 'success', '0 pins, 0 violations'],
    [[finding('warning')], [], 'success', '0 pins, 0 violations, 1 warning'],
    [[finding('violation')], [], 'failure', '0 pins, 1 violation'],
    [[], [outage], 'neutral', '0 pins, 0 violations, 1 failure'],
    [
      [finding('violation'), finding('warning', 9)],
      [outage],
      'failure',
      '0 pins, 1 violation, 1 warning, 1 failure',
    ],
  ] as const)('%j and %j conclude %s', (findings, failures, conclusion, title) => {
    expect(pinCheckRequest(result(findings, failures))).toMatchObject({ sha: SHA, conclusion, title });
  });

  it('annotates each place at its level', () => {
    const { annotations } = pinCheckRequest(result([finding('violation', 4), finding('warning', 9)]));
    expect(annotations).toEqual([
      {
        path: 'Dockerfile',
        line: 4,
        level: 'failure',
        title: 'expired: docker.io/library/python:3.11',
        message: 'too old',
      },
      {
        path: 'Dockerfile',
        line: 9,
        level: 'warning',
        title: 'expired: docker.io/library/python:3.11',
        message: 'too old',
      },
    ]);
  });

  it('neutralises text from outside and stays under the limit, whole rows only', () => {
    const hostile = '@everyone #1 <img src=x onerror=alert(1)>';
    const many = Array.from({ length: 3000 }, (_, i) => finding('violation', i + 1, hostile));
    const request = pinCheckRequest(result(many));
    expect(request.text.length).toBeLessThanOrEqual(65_535);
    expect(request.text).not.toMatch(/@everyone|<img/);
    expect(request.annotations).toHaveLength(200);
    for (const line of request.text.split('\n').filter((text) => text.startsWith('- '))) {
      expect(line).toMatch(/^- `Dockerfile:\d+`: .+/);
    }
  });

  it('changes its external id when the matter changes, and only then', () => {
    const id = (one: CheckResult) => pinCheckRequest(one).externalId;
    expect(id(result([finding('warning')]))).toBe(id(result([finding('warning')])));
    expect(id(result([finding('warning')]))).not.toBe(id(result([finding('violation')])));
  });

  it.each([
    ['a day passes', finding('warning', 3, 'pinned on 2026-11-01, 19 days ago'), true],
    ['the first day passes', finding('warning', 3, 'pinned on 2026-11-01, 1 day ago'), true],
    ['another day counts', finding('warning', 3, 'pinned on 2026-11-02, 18 days ago'), false],
    ['the line moves', finding('warning', 4, 'pinned on 2026-11-01, 18 days ago'), false],
  ])('is written again when the matter changes, not when %s', (_, later, same) => {
    const before = result([finding('warning', 3, 'pinned on 2026-11-01, 18 days ago')]);
    const [a, b] = [before, result([later])].map((one) => pinCheckRequest(one).externalId);
    expect(a === b).toBe(same);
  });

  it('annotates violations first, where there are more findings than room', () => {
    const many = Array.from({ length: 300 }, (_, i) => finding('warning', i + 1));
    const { annotations } = pinCheckRequest(result([...many, finding('violation', 999)]));
    expect(annotations).toHaveLength(200);
    expect(annotations[0]).toMatchObject({ line: 999, level: 'failure' });
  });

  it('tells the notes in its summary, as text and not without end', () => {
    const note = 'the exception for CVE-2026-1 ends on 2026-11-30 @team';
    const { summary } = pinCheckRequest({ ...result([]), notes: [note] });
    expect(summary).toContain('- the exception for CVE-2026-1 ends on 2026-11-30');
    expect(summary).not.toContain('@team');
    const notes = Array.from({ length: 5000 }, (_, i) => `${i} ${'x'.repeat(400)}`);
    const long = pinCheckRequest({ ...result([]), notes }).summary;
    expect(long.length).toBeLessThan(65_535);
    expect(long).toContain('4950 more');
  });

  it.each<[string, Partial<PinToCheck>, string]>([
    [
      'with its age',
      {},
      '| `python:3.11` | `abababab` | fresh | pinned on 2026-11-10 | 14 | 2026-11-25 | hold (cool-down) | 1 |',
    ],
    [
      'without a limit',
      { age: { ...AGE, limitDays: null } },
      '| `python:3.11` | `abababab` | fresh | pinned on 2026-11-10 | none |  | hold (cool-down) | 1 |',
    ],
    [
      'of unknown age',
      { age: { ...AGE, status: 'unknown', basis: null, since: null, ageDays: null } },
      '| `python:3.11` | `abababab` | unknown | unknown | 14 |  | hold (cool-down) | 1 |',
    ],
    [
      'that nobody answered for, in two places',
      { verdict: null, reasons: [], sites: [...PIN.sites, { file: 'b/Dockerfile', line: 2 }] },
      '| `python:3.11` | `abababab` | fresh | pinned on 2026-11-10 | 14 | 2026-11-25 | unknown | 2 |',
    ],
    [
      'without a digest',
      { digest: null, age: null, verdict: 'current', reasons: [] },
      '| `python:3.11` |  | unpinned |  |  |  | current () | 1 |',
    ],
  ])('shows a pin %s', (_, change, row) => {
    const { text } = pinCheckRequest(withPins({ ...PIN, ...change }));
    expect(text.split('\n')).toContain(row);
  });

  it('has a table of pins whose head has a cell for each of a row', () => {
    const lines = pinCheckRequest(withPins(PIN)).text.split('\n');
    const [head = '', , row = ''] = lines.filter((line) => line.startsWith('|'));
    const cells = head.split('|').map((cell) => cell.trim());
    expect(cells).toHaveLength(row.split('|').length);
    expect(cells.slice(1, -1).every((cell) => cell !== '')).toBe(true);
  });

  it.each<[number, number, number, string]>([
    [0, 1, 1, '0 pins'],
    [1, 0, 2, '1 pin,'],
    [2, 2, 0, '2 pins'],
  ])(
    'counts in its title: %i pinned, %i unpinned, %i warnings and failures',
    (pinned, unpinned, others, start) => {
      const unpinnedPin: PinToCheck = { ...PIN, digest: null, age: null };
      const pins = [...Array(pinned).fill(PIN), ...Array(unpinned).fill(unpinnedPin)];
      const base = result(
        Array.from({ length: others }, (_, i) => finding('warning', i + 1)),
        Array(others).fill(outage),
      );
      const { title } = pinCheckRequest({ ...base, report: { ...base.report, pins } });
      expect(title.startsWith(start)).toBe(true);
      for (const word of ['warning', 'failure']) {
        const told = others === 0 ? null : `${others} ${word}${others === 1 ? '' : 's'}`;
        if (told === null) expect(title).not.toContain(word);
        else expect(title.split(', ')).toContain(told);
      }
    },
  );

  it('has sections only of what there is', () => {
    const heads = (of: CheckResult) => pinCheckRequest(of).text.match(/^### .+$/gm) ?? [];
    expect(heads(result([]))).toEqual([]);
    const all = { ...result([finding('violation'), finding('warning')], [outage]) };
    expect(new Set(heads({ ...all, report: { ...all.report, pins: [PIN] } })).size).toBe(4);
    expect(heads(result([finding('violation')]))).toEqual(['### Violations']);
    expect(heads(result([finding('warning')]))).toEqual(['### Warnings']);
  });

  it('names the remedy where there is something to mend, and says where something was not looked at', () => {
    const summary = (of: CheckResult) => pinCheckRequest(of).summary;
    const remedy = '`/rotate`';
    expect(summary(result([finding('violation')]))).toContain(remedy);
    expect(summary(result([finding('warning')]))).not.toContain(remedy);
    const plain = summary(result([finding('warning')]));
    expect(plain.split('\n')).toHaveLength(1);
    expect(summary(result([finding('warning')], [outage])).length).toBeGreaterThan(
      `${plain}, 1 failure`.length,
    );
    expect(plain).toBe('0 pins, 0 violations, 1 warning.');
  });

  it('says how much did not fit, and where all of it is', () => {
    const many = Array.from({ length: 3000 }, (_, i) => finding('violation', i + 1));
    expect(pinCheckRequest(result(many)).text).toMatch(/\n\n… \d more pages.*`pinwheel check`/);
    expect(pinCheckRequest(result([finding('violation')])).text).not.toContain('more pages');
  });

  it('leaves out no note silently, and adds no line where all are shown', () => {
    const notes = (count: number) => ({ ...result([]), notes: Array(count).fill('a note') });
    const lines = (count: number) => pinCheckRequest(notes(count)).summary.split('\n');
    expect(lines(0)).toHaveLength(1);
    expect(lines(50).slice(2)).toEqual(Array(50).fill('- a note'));
    expect(lines(51).at(-1)).toContain('1 more');
  });

  it('cuts what an annotation has no room for', () => {
    const long = { ...finding('violation', 1, 'm'.repeat(9000)), image: 'i'.repeat(900) };
    const [annotation] = pinCheckRequest(result([long])).annotations;
    expect(annotation?.title).toHaveLength(250);
    expect(annotation?.message).toHaveLength(2000);
  });

  it.each<[string, CheckResult, boolean]>([
    ['nothing', withPins(PIN), true],
    ['the days of a pin’s age', withPins({ ...PIN, age: { ...AGE, ageDays: 11 } }), true],
    ['the status of a pin', withPins({ ...PIN, age: { ...AGE, status: 'ageing' } }), false],
    ['its day', withPins({ ...PIN, age: { ...AGE, since: '2026-11-09' as IsoDate } }), false],
    ['its limit', withPins({ ...PIN, age: { ...AGE, limitDays: 15 } }), false],
    ['its digest', withPins({ ...PIN, digest: null, age: null }), false],
    ['its places', withPins({ ...PIN, sites: [{ file: 'Dockerfile', line: 2 }] }), false],
    ['its verdict', withPins({ ...PIN, verdict: 'rotate' }), false],
    ['the deciding reason', withPins({ ...PIN, reasons: [{ code: 'settling', message: 'waits' }] }), false],
    ['nobody answers', withPins({ ...PIN, reasons: [] }), false],
    ['another pin', withPins(PIN, PIN), false],
    ['a failure', { ...withPins(PIN), failures: [outage] }, false],
    ['a note', { ...withPins(PIN), notes: ['a note'] }, false],
  ])('is another matter when this changes, or is not: %s', (_, other, same) => {
    const [a, b] = [withPins(PIN), other].map((one) => pinCheckRequest(one).externalId);
    expect(a === b).toBe(same);
  });

  it('tells failures apart', () => {
    const ids = [outage, { ...outage, subject: 'docker.io/library/b:1' }, { ...outage, code: 'denied' }].map(
      (failure) => pinCheckRequest(result([], [failure])).externalId,
    );
    expect(new Set(ids).size).toBe(3);
  });
});

describe('the check on a commit', () => {
  const repository = () => {
    const made = new MemoryRepository();
    made.push('main', {});
    return made;
  };

  it.each([
    ['the same matter', [finding('warning')], false, 0],
    ['the same matter, asked for', [finding('warning')], true, 1],
    ['another matter', [finding('violation')], false, 1],
  ] as const)('is written again for %s', async (_, findings, again, times) => {
    const world = repository();
    const sha = world.git.must('main').sha;
    await putPinCheck(memoryForge(world), sha, result([finding('warning')]));
    expect(world.takeWrites()).toEqual([`putCheck ${PIN_CHECK_NAME}`]);
    await putPinCheck(memoryForge(world), sha, result(findings), again);
    expect(world.takeWrites()).toHaveLength(times);
  });

  it('is written again where somebody asked the forge to run it again', async () => {
    const world = repository();
    const sha = world.git.must('main').sha;
    await putPinCheck(memoryForge(world), sha, result([]));
    world.rerun(sha, PIN_CHECK_NAME);
    await putPinCheck(memoryForge(world), sha, result([]));
    expect(world.takeWrites()).toHaveLength(2);
  });

  it('that says why pins were not judged is neutral, and written once for the same reason', async () => {
    const world = repository();
    const sha = world.git.must('main').sha;
    for (const why of ['broken settings', 'broken settings', 'other settings']) {
      await putUnchecked(memoryForge(world), sha, why);
    }
    expect(world.takeWrites()).toHaveLength(2);
    expect(world.check(sha, PIN_CHECK_NAME)).toMatchObject({
      conclusion: 'neutral',
      summary: 'other settings',
    });
  });

  it('is not written by who may not write checks', async () => {
    const world = repository();
    const sha = world.git.must('main').sha;
    await putPinCheck(memoryForge(world, TOKEN), sha, result([]));
    await putUnchecked(memoryForge(world, TOKEN), sha, 'why');
    expect(world.takeWrites()).toEqual([]);
    await putPinCheck(memoryForge(world, APP), sha, result([]));
    expect(world.takeWrites()).toHaveLength(1);
  });
});
