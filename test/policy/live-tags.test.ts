import { expect, test } from 'vitest';
import { liveTags } from '../../src/policy/live-tags.ts';

const PYTHON = [
  'latest',
  '3.9',
  '3.9-slim-buster',
  '3.9-slim-bookworm',
  '3.13-slim-bookworm',
  '3.13-slim-trixie',
  '3.13-alpine3.22',
  '3.8-slim-trixie',
  '3.13.1-slim-bookworm',
  '3.10-slim-buster',
];

test.each([
  ['3.9-slim-buster', PYTHON, ['3.13-slim-trixie', '3.13-slim-bookworm', '3.10-slim-buster']],
  ['3.9-alpine3.18', PYTHON, ['3.13-alpine3.22']],
  ['3.13-slim-trixie', PYTHON, []],
  ['buster', ['buster', 'bookworm', 'trixie', 'noble', 'buster-slim'], ['trixie', 'bookworm']],
  ['v1.2', ['v1.10', '1.11', 'v1.9-rc1', 'v2'], ['v1.10']],
  ['latest', PYTHON, []],
  ['1.2.3.4.5', ['1.2.3.4.6'], []],
  ['20', ['22', '24', '24.1', '9'], ['24', '22']],
])('%s', (current, tags, want) => {
  expect(liveTags(current, tags)).toEqual(want);
});
