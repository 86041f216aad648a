import { beforeEach, expect, it } from 'vitest';
import type { Forge } from '../../src/forge/forge.ts';
import { leaveNote, syncPages } from '../../src/pull-requests/notes.ts';
import { memoryForge } from '../support/forge/memory-forge.ts';
import { MemoryRepository } from '../support/forge/memory-repository.ts';

let repository: MemoryRepository;
let forge: Forge;
let issue: number;

beforeEach(() => {
  repository = new MemoryRepository();
  forge = memoryForge(repository);
  issue = repository.newIssue();
});

const bodies = (): readonly string[] => repository.commentsOn(issue).map(({ body }) => body);

it('leaves a note of each kind once', async () => {
  for (const kind of ['taken-over', 'nothing-left', 'taken-over'] as const)
    await leaveNote(forge, issue, kind);
  expect(bodies()).toEqual([
    expect.stringContaining('/rotate rebase'),
    expect.stringContaining('Nothing left'),
  ]);
});

it('leaves it though somebody else quotes it', async () => {
  repository.say(issue, 'why? <!-- pinwheel:note:taken-over -->');
  await leaveNote(forge, issue, 'taken-over');
  expect(bodies()).toHaveLength(2);
});

it.each<[string, readonly string[], readonly string[], readonly string[]]>([
  ['no pages: nothing is asked', [], [], []],
  ['new pages', [], ['one', 'two'], ['comment', 'comment']],
  ['the same pages', ['one', 'two'], ['one', 'two'], []],
  ['a page that changed', ['one', 'two'], ['one', 'three'], ['editComment']],
  ['a page more', ['one'], ['one', 'two'], ['comment']],
  // One that is no longer written stays: comments of people may refer to it.
  ['a page less', ['one', 'two'], ['one'], []],
])('keeps pages as comments: %s', async (_, before, after, writes) => {
  await syncPages(forge, issue, before);
  repository.takeWrites();
  await syncPages(forge, issue, after);
  if (after.length === 0) expect(repository.takeReads()).toEqual([]);
  expect(repository.takeWrites().map((write) => write.split(' ')[0])).toEqual(writes);
  for (const [i, page] of after.entries()) expect(bodies()[i]).toMatch(new RegExp(`^${page}\n\n<!--`));
});

it('takes a page that a browser saved for the same', async () => {
  await syncPages(forge, issue, ['one\ntwo']);
  const [comment] = repository.comments;
  if (comment !== undefined) comment.body = `${comment.body.replaceAll('\n', '\r\n')}\r\n`;
  repository.takeWrites();
  await syncPages(forge, issue, ['one\ntwo']);
  expect(repository.takeWrites()).toEqual([]);
});
