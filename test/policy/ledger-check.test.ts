import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../src/domain/ledger-entry.ts';
import { checkLedger, type LedgerInFile, type PinInFiles } from '../../src/policy/ledger-check.ts';
import { IMAGE, NEW, OLD } from './support.ts';

const PATH = 'BASE_IMAGE_DIGESTS.md';
const NODE = { ...IMAGE, repository: 'library/node', tag: '22' };

function row(rest: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    image: IMAGE,
    digest: OLD,
    kind: 'index',
    platforms: [],
    published: null,
    firstSeen: null,
    pinnedOn: null,
    status: 'fresh',
    stopped: null,
    usedIn: ['a/Dockerfile', 'b/Dockerfile'],
    ...rest,
  };
}

function pin(rest: Partial<PinInFiles> = {}): PinInFiles {
  const sites = [
    { file: 'b/Dockerfile', line: 3 },
    { file: 'a/Dockerfile', line: 1 },
    { file: 'a/Dockerfile', line: 9 },
  ];
  return { image: IMAGE, digest: OLD, sites, ...rest };
}

const text = ['# Base images', `| python:3.11 | ${OLD} |`, `| node:22 | ${OLD} |`, `| node:22 | ${NEW} |`];
const ledger = (entries: readonly LedgerEntry[], rest: Partial<LedgerInFile> = {}): LedgerInFile => ({
  path: PATH,
  text: text.join('\n'),
  entries,
  ...rest,
});

type Found = readonly [image: string, file: string, line: number];
const PYTHON_NAME = 'docker.io/library/python:3.11';
const NODE_NAME = 'docker.io/library/node:22';
const AT_ALL_SITES: readonly Found[] = [
  [PYTHON_NAME, 'b/Dockerfile', 3],
  [PYTHON_NAME, 'a/Dockerfile', 1],
  [PYTHON_NAME, 'a/Dockerfile', 9],
];

test.each<readonly [string, readonly PinInFiles[], LedgerInFile, readonly Found[]]>([
  [
    'they agree, whatever the order of files',
    [pin()],
    ledger([row({ usedIn: ['b/Dockerfile', 'a/Dockerfile'] })]),
    [],
  ],
  ['a table without "used in"', [pin()], ledger([row({ usedIn: [] })]), []],
  ['nothing on both sides', [], ledger([]), []],
  ['no ledger', [pin()], ledger([], { text: null }), AT_ALL_SITES],
  ['no row', [pin()], ledger([row({ image: NODE })]), [...AT_ALL_SITES, [NODE_NAME, PATH, 3]]],
  [
    'a row of another digest',
    [pin()],
    ledger([row({ digest: NEW })]),
    [...AT_ALL_SITES, [PYTHON_NAME, PATH, 4]],
  ],
  [
    'a row that names too few files',
    [pin()],
    ledger([row({ usedIn: ['a/Dockerfile'] })]),
    [[PYTHON_NAME, PATH, 2]],
  ],
  [
    'a row that names other files',
    [pin()],
    ledger([row({ usedIn: ['a/Dockerfile', 'c/Dockerfile'] })]),
    [[PYTHON_NAME, PATH, 2]],
  ],
  ['a row without a pin', [], ledger([row({ image: NODE, digest: NEW })]), [[NODE_NAME, PATH, 4]]],
  ['a row that the text does not show', [], ledger([row()], { text: 'nothing' }), [[PYTHON_NAME, PATH, 1]]],
  [
    'a row whose tag is in another column than its digest',
    [],
    ledger([row()], { text: `\r\n\r\n${OLD}` }),
    [[PYTHON_NAME, PATH, 3]],
  ],
  [
    'the others are judged all the same',
    [pin({ image: NODE }), pin()],
    ledger([row()]),
    AT_ALL_SITES.map(([, file, line]) => [NODE_NAME, file, line]),
  ],
])('%s', (_, pins, inFile, want) => {
  const found = checkLedger(pins, inFile);
  expect(found.map(({ image, file, line }) => [image, file, line])).toEqual(want);
  for (const one of found) expect(one).toMatchObject({ rule: 'ledger', level: 'violation' });
});

test.each([
  ['a missing ledger', [pin()], ledger([], { text: null }), /no ledger/],
  ['a missing row', [pin()], ledger([]), /no row/],
  ['other files', [pin()], ledger([row({ usedIn: ['c', 'd'] })]), /c, d\b.*a\/Dockerfile, b\/Dockerfile\./],
  ['a pin without a file', [pin({ sites: [] })], ledger([row()]), /no file/],
])('%s is told apart, with the remedy', (_, pins, inFile, want) => {
  const messages = checkLedger(pins, inFile).map(({ message }) => message);
  expect(messages[0]).toMatch(want);
  for (const message of messages) expect(message).toContain('pinwheel ledger --write');
});
