import { expect, it } from 'vitest';
import { ReadyScanners } from '../../../src/adapters/scanner/ready-scanners.ts';
import type { ReadyScanner } from '../../../src/assess/scan-side.ts';

const broken: ReadyScanner = { status: 'unavailable', reason: 'not installed' };
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, seconds));

function counting(answer: () => Promise<ReadyScanner>) {
  let calls = 0;
  return {
    calls: () => calls,
    prepare: () => {
      calls += 1;
      return answer();
    },
  };
}

it('shares one scanner for a minute, by its settings', async () => {
  const scanners = new ReadyScanners();
  // The state alone counts here.
  const ready = { status: 'ready' } as ReadyScanner;
  const { calls, prepare } = counting(async () => ready);
  expect(await scanners.get('trivy', at(0), prepare)).toBe(ready);
  await scanners.get('trivy', at(59), prepare);
  expect(calls()).toBe(1);
  await scanners.get('grype', at(59), prepare);
  await scanners.get('trivy', at(60), prepare);
  expect(calls()).toBe(3);
});

it.each([
  ['is unavailable', async () => broken],
  ['throws', () => Promise.reject(new Error('interrupted'))],
])('tries again after a scanner that %s', async (_what, answer) => {
  const scanners = new ReadyScanners();
  const { calls, prepare } = counting(answer);
  await scanners.get('trivy', at(0), prepare).catch(() => undefined);
  await scanners.get('trivy', at(1), prepare).catch(() => undefined);
  expect(calls()).toBe(2);
});
