import { describe, expect, it } from 'vitest';
import { pinCheckRequest as requestOf } from '../../src/checks/pin-check.ts';
import { imageSettings } from '../../src/config/image-settings.ts';
import { defaultConfig } from '../../src/config/repository.ts';
import { toDigest } from '../../src/domain/digest.ts';
import type { IsoDate } from '../../src/domain/ledger-entry.ts';
import { extractAs } from '../../src/extract/extract-as.ts';
import type { CheckResult } from '../../src/pass/check.ts';
import type { CheckFinding } from '../../src/policy/check.ts';
import { imageRules, ruleSources } from '../../src/policy/stages.ts';

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

  it('shows each pin with its age', () => {
    const base = result([]);
    const request = pinCheckRequest({
      ...base,
      report: {
        ...base.report,
        pins: [
          {
            image: { registry: 'docker.io', repository: 'library/python', tag: '3.11' },
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
            age: {
              status: 'fresh',
              basis: 'pinned-on',
              since: '2026-11-10' as IsoDate,
              ageDays: 10,
              limitDays: 14,
              message: '',
            },
          },
        ],
      },
    });
    expect(request.text).toContain(
      '| `python:3.11` | `abababab` | fresh | pinned on 2026-11-10 | 14 | 2026-11-25 | hold (cool-down) | 1 |',
    );
  });
});
