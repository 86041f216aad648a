import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { seenDigests } from '../../../src/adapters/queue/seen-digests.ts';
import { SqliteQueue } from '../../../src/adapters/queue/sqlite-queue.ts';
import { FileCache } from '../../../src/adapters/scanner/file-cache.ts';
import { seenDigestsContract } from '../../contract/seen-digests.ts';
import { digestOf } from '../../support/findings.ts';
import { memoryMarks } from '../../support/memory-marks.ts';

const root = mkdtempSync(join(tmpdir(), 'pinwheel-seen-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
const newFolder = () => join(root, `store-${++folders}`);

const marks = new Map<string, string>();
seenDigestsContract('Memory', {
  open: async () => seenDigests(memoryMarks(marks)),
  close: async () => undefined,
  reset: async () => marks.clear(),
});

let sqlite = newFolder();
let open: SqliteQueue[] = [];
const close = async () => {
  for (const queue of open.splice(0)) await queue.close();
};
seenDigestsContract('SQLite', {
  open: async () => {
    const queue = new SqliteQueue(sqlite);
    open = [...open, queue];
    return seenDigests(queue);
  },
  close,
  reset: async () => {
    await close();
    sqlite = newFolder();
  },
});

let files = newFolder();
seenDigestsContract('A folder', {
  open: async () => {
    const cache = new FileCache(files);
    return seenDigests({ mark: (name) => cache.get(name), setMark: (name, text) => cache.set(name, text) });
  },
  close: async () => undefined,
  reset: async () => {
    files = newFolder();
  },
});

it.each([
  '',
  '{',
  '{}',
  '[{"digest":"sha256:no","firstSeen":"2020-01-01T00:00:00Z"}]',
  `[{"digest":"${digestOf('a')}","firstSeen":"some day"}]`,
])('what cannot be read counts as never seen: %j', async (text) => {
  const image = { registry: 'docker.io', repository: 'library/python', tag: '3.11' };
  const now = new Date('2026-11-20T00:00:00Z');
  const seen = seenDigests({ ...memoryMarks(), mark: async () => text });
  expect(await seen.note(image, digestOf('a'), now)).toEqual([{ digest: digestOf('a'), firstSeen: now }]);
});
