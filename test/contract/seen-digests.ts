import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '../../src/domain/digest.ts';
import type { TaggedImage } from '../../src/domain/image-reference.ts';
import type { SeenDigests } from '../../src/resolve/seen.ts';
import { digestOf } from '../support/findings.ts';

/** How a suite gets stores of seen digests: each open one is another handle on one store that is empty at first. */
export interface SeenDigestsHarness {
  open(): Promise<SeenDigests>;
  /** Closes what is open, as the end of the process would. */
  close(): Promise<void>;
  /** Closes what is open and empties the store. */
  reset(): Promise<void>;
}

const python: TaggedImage = { registry: 'docker.io', repository: 'library/python', tag: '3.11' };
const at = (day: number) => new Date(Date.UTC(2026, 10, day, 12));
const nth = (n: number) => `sha256:${n.toString(16).padStart(64, '0')}` as Digest;

/** What every {@link SeenDigests} does. Runs on each implementation. */
export function seenDigestsContract(name: string, harness: SeenDigestsHarness): void {
  describe(`${name} as a store of seen digests`, () => {
    let seen: SeenDigests;
    beforeEach(async () => {
      seen = await harness.open();
    });
    afterEach(() => harness.reset());

    it('answers what it knows of a tag, the oldest first, what was just noted too', async () => {
      expect(await seen.note(python, digestOf('a'), at(1))).toEqual([
        { digest: digestOf('a'), firstSeen: at(1) },
      ]);
      expect(await seen.note(python, digestOf('b'), at(2))).toEqual([
        { digest: digestOf('a'), firstSeen: at(1) },
        { digest: digestOf('b'), firstSeen: at(2) },
      ]);
    });

    it('keeps the first time, also of a digest that went and came back', async () => {
      await seen.note(python, digestOf('a'), at(1));
      await seen.note(python, digestOf('b'), at(2));
      const again = await seen.note(python, digestOf('a'), at(3));
      expect(again.find(({ digest }) => digest === digestOf('a'))?.firstSeen).toEqual(at(1));
      expect(again).toHaveLength(2);
    });

    it.each([
      ['tags', { ...python, tag: '3.12' }],
      ['repositories', { ...python, repository: 'acme/python' }],
      ['registries', { ...python, registry: 'registry.example:5000' }],
    ])('keeps %s apart', async (_, other) => {
      await seen.note(python, digestOf('a'), at(1));
      expect(await seen.note(other, digestOf('a'), at(9))).toEqual([
        { digest: digestOf('a'), firstSeen: at(9) },
      ]);
    });

    it('remembers over a restart, to the millisecond', async () => {
      const time = new Date('2026-11-20T01:02:03.456Z');
      await seen.note(python, digestOf('a'), time);
      await harness.close();
      const later = await harness.open();
      expect(await later.note(python, digestOf('a'), at(30))).toEqual([
        { digest: digestOf('a'), firstSeen: time },
      ]);
    });

    it('stays small over the years, and forgets the oldest first', async () => {
      for (let n = 1; n <= 40; n++)
        await seen.note(python, nth(n), new Date(at(1).getTime() + n * 3_600_000));
      const known = await seen.note(python, nth(40), at(30));
      expect(known.length).toBeLessThan(40);
      expect(known.map(({ digest }) => digest)).toEqual(
        Array.from({ length: known.length }, (_, i) => nth(41 - known.length + i)),
      );
    });
  });
}
