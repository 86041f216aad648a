import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toImagePattern } from '../../src/domain/image-glob.ts';
import {
  type Baseline,
  baselineOf,
  newCriticals,
  parseBaseline,
  renderBaseline,
} from '../../src/policy/baseline.ts';
import type { Exception } from '../../src/policy/rules.ts';
import { finding, IMAGE } from './support.ts';

const ASOF = new Date('2026-11-20T12:00:00Z');
const KEY = 'docker.io/library/python:3.11';
const FILE = `{
  "version": 1,
  "images": {
    "docker.io/library/node:20": [
      {"id": "CVE-2026-3", "package": "zlib"}
    ],
    "docker.io/library/python:3.11": [
      {"id": "CVE-2026-1", "package": "openssl"},
      {"id": "CVE-2026-2", "package": "openssl"}
    ]
  }
}
`;

test('the file is sorted, one finding a line', () => {
  const pins = [
    {
      image: IMAGE,
      findings: [
        finding('critical', 'CVE-2026-2'),
        finding('critical', 'CVE-2026-1'),
        finding('high', 'CVE-2026-9'),
      ],
    },
    {
      image: { ...IMAGE, repository: 'library/node', tag: '20' },
      findings: [finding('critical', 'CVE-2026-3', { package: 'zlib' })],
    },
    { image: IMAGE, findings: [finding('critical', 'CVE-2026-1')] },
  ];
  expect(renderBaseline(baselineOf(pins))).toBe(FILE);
  expect(renderBaseline(new Map())).toBe('{\n  "version": 1,\n  "images": {}\n}\n');
});

test("parse and render are each other's reverse", () => {
  const parsed = parseBaseline(FILE);
  expect(parsed.ok && renderBaseline(parsed.value)).toBe(FILE);
  const entry = fc.record({ id: fc.string({ minLength: 1 }), package: fc.string() });
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.array(entry, { minLength: 1, maxLength: 5 }), { maxKeys: 5 }),
      (images) => {
        const text = renderBaseline(new Map(Object.entries(images)));
        const again = parseBaseline(text);
        expect(again.ok).toBe(true);
        if (again.ok) expect(renderBaseline(again.value)).toBe(text);
      },
    ),
  );
});

test.each([
  ['{', 'not JSON'],
  ['[]', 'expected an object'],
  ['{}', '"version"'],
  ['{"version": 2, "images": {}}', '"version"'],
  ['{"version": 1, "images": []}', '"images"'],
  ['{"version": 1, "images": {"a": {}}}', '"a"'],
  ['{"version": 1, "images": {"a": [{"id": "x"}]}}', 'entry 1'],
  ['{"version": 1, "images": {"a": [null]}}', 'entry 1'],
  ['{"version": 1, "images": {"__proto__": 1}}', '__proto__'],
])('%s', (text, message) => {
  const parsed = parseBaseline(text);
  expect(!parsed.ok && parsed.fault).toContain(message);
});

describe('newCriticals', () => {
  const baseline: Baseline = new Map([[KEY, [{ id: 'CVE-2026-1', package: 'openssl' }]]]);
  const exception: Exception = {
    id: 'CVE-2026-5',
    image: toImagePattern('python'),
    reason: 'r',
    by: 'b',
    expires: '2026-11-20',
    liftsBlock: false,
  };

  test.each([
    ['in the baseline', finding('critical', 'CVE-2026-1'), false],
    ['by an alias', finding('critical', 'GHSA-x', { aliases: ['cve-2026-1'] }), false],
    ['in another package', finding('critical', 'CVE-2026-1', { package: 'zlib' }), true],
    ['another one', finding('critical', 'CVE-2026-2'), true],
    ['only high', finding('high', 'CVE-2026-2'), false],
    ['excepted', finding('critical', 'CVE-2026-5'), false],
  ])('%s', (_, found, isNew) => {
    expect(newCriticals(IMAGE, [found], baseline, [exception], ASOF)).toEqual(isNew ? [found] : []);
  });

  test('another tag has its own', () => {
    const found = finding('critical', 'CVE-2026-1');
    expect(newCriticals({ ...IMAGE, tag: '3.12' }, [found], baseline, [], ASOF)).toEqual([found]);
  });
});
