import { expect, it } from 'vitest';
import { locateLedger } from '../../../src/plan/ledger/locate.ts';

const L = 'BASE_IMAGE_DIGESTS.md';

it.each([
  [[], null, L, false, false],
  [['README.md', L], null, L, true, false],
  [['a/OTHER_BASE_IMAGE_DIGESTS.md'], null, L, false, false],
  [[`docs/${L}`], null, `docs/${L}`, true, false],
  [[`z/${L}`, `a/b/${L}`, `b/${L}`], null, `b/${L}`, true, true],
  [[`z/${L}`, L], null, L, true, true],
  [[L], 'docs/pins.md', 'docs/pins.md', false, false],
  [[L, 'docs/pins.md'], 'docs/pins.md', 'docs/pins.md', true, false],
])('%j with %j is at %s', (paths, configured, path, exists, noted) => {
  const location = locateLedger(paths, configured);
  expect({ ...location, note: location.note !== null }).toEqual({ path, exists, note: noted });
});
