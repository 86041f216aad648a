import { expect, test } from 'vitest';
import { securityFact, unscanned } from '../../src/policy/security-fact.ts';
import { finding, scanDiffFact } from '../support/findings.ts';

const [ONE, TWO, THREE] = [finding('CVE-1'), finding('CVE-2'), finding('CVE-3')];
const both = scanDiffFact({ fixed: [ONE], introduced: [THREE] });
const [amd64] = both.platforms;
const [arm64] = scanDiffFact({ fixed: [ONE, TWO], introduced: [THREE] }).platforms;
const [unknown] = scanDiffFact(null).platforms;
const platforms = (...all: readonly (typeof amd64)[]) => ({
  ...both,
  platforms: all.flatMap((one) => one ?? []),
});
const counted = { fixed: [ONE, TWO], introduced: [THREE] };

test.each([
  ['each finding once over all platforms', platforms(amd64, arm64), { status: 'compared', ...counted }],
  [
    'one platform that could not be compared makes the whole unknown, and what is known stays',
    platforms(amd64, unknown, arm64),
    { status: 'scan-unavailable', reason: 'no scanner', ...counted },
  ],
  [
    'no platform at all is not "nothing found"',
    platforms(),
    { status: 'scan-unavailable', fixed: [], introduced: [] },
  ],
])('%s', (_, scan, want) => {
  expect(securityFact(scan)).toMatchObject(want);
});

test('a scan that failed says why', () => {
  expect(unscanned('no database')).toEqual({
    status: 'scan-unavailable',
    reason: 'no database',
    fixed: [],
    introduced: [],
  });
});
