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
  ['1.2.3.4.5', ['1.2.3.4.6'], ['1.2.3.4.6']],
  ['3.15-rc-slim', ['3.15-slim', '3.15-rc', '3.14-slim', '3.16-rc-slim'], ['3.16-rc-slim', '3.15-slim']],
  ['1.2.3-r1', ['1.2.3-r2', '1.2.4-r0', '1.2.3'], ['1.2.4-r0', '1.2.3-r2']],
  [
    'bookworm-20240912',
    ['bookworm-20250101', 'trixie-20250101', 'bullseye-20250101', 'bookworm-20240101', 'noble-20250101'],
    ['trixie-20250101', 'bookworm-20250101'],
  ],
  ['1234', ['1234abcd', '1235'], ['1235']],
  ['focal', ['xenial', 'jammy', 'noble', 'trixie'], ['noble', 'jammy']],
  ['jessie', ['stretch'], ['stretch']],
  ['jammy', ['xenial', 'focal'], []],
  [
    '3.9-alpine3.18',
    ['3.9-alpine3.9', '3.9-alpine3.19', '3.9-alpine4.0', '3.9-buster'],
    ['3.9-alpine4.0', '3.9-alpine3.19'],
  ],
  ['3.9-alpine', ['3.10-alpine', '3.10-alpine3.20', '3.10-myalpine3.20'], ['3.10-alpine']],
  ['3.9-slim-bookworm', ['3.13-slim-buster', '3.8-slim-trixie', '3.9-slim-bookworm'], []],
  ['22-bookworm-slim', ['24-trixie-slim', '24-slim-trixie'], ['24-trixie-slim', '24-slim-trixie']],
  ['1.0', ['2', '1.1', '1.1.0'], ['1.1']],
  ['1', ['6', '2', '5', '3'], ['6', '5', '3']],
  ['20', ['22', '24', '24.1', '9'], ['24', '22']],
])('%s', (current, tags, want) => {
  expect(liveTags(current, tags)).toEqual(want);
});
