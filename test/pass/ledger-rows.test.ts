import { beforeEach, describe, expect, it } from 'vitest';
import type { FileChange } from '../../src/discover/tree.ts';
import { toImagePattern } from '../../src/domain/image-glob.ts';
import { checkView } from '../../src/pass/check.ts';
import { ledgerOf } from '../../src/pass/ledger.ts';
import type { Pass } from '../../src/pass/pass.ts';
import { allChanges } from '../../src/pass/rotate.ts';
import { RegistryError } from '../../src/resolve/registry.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { daysAgo, NOW, World } from './one-answer/world.ts';

const LEDGER = 'BASE_IMAGE_DIGESTS.md';

let world: World;

beforeEach(() => {
  world = new World();
});

/** The row of a tag: its dates and its status. */
function row(changes: readonly FileChange[], tag: string): readonly string[] | null {
  const text = Buffer.from(changes.find(({ path }) => path === LEDGER)?.bytes ?? '').toString();
  const line = text.split('\n').find((one) => one.includes(`| \`${tag}\` |`));
  return line?.split(' | ').slice(4, 8) ?? null;
}

function checked(pass: Pass, tag: string) {
  const { report } = checkView(pass, { ledger: false, alive: new Map() });
  return report.pins.find(({ image }) => image.tag === tag)?.age;
}

describe('a row that is made', () => {
  it('is not made up of a pin that nobody asked about, and one that is there stays', async () => {
    world.pin(world.push({ created: 20, seed: 'old' }));
    world.push({ seed: 'new' });
    const other = world.push({ tag: '3.12', created: 100 });
    world.pin(other, '3.12', 'b/Dockerfile');
    const only = [toImagePattern('python:3.11')];
    expect(row(allChanges(await world.pass({ only, ledger: 'always' })), '3.12')).toBeNull();
    world.ledger(other, { published: 100, firstSeen: 3, pinnedOn: 3 }, '3.12');
    const changes = allChanges(await world.pass({ only, ledger: 'always' }));
    expect(row(changes, '3.12')).toEqual([daysAgo(100), daysAgo(3), daysAgo(3), 'fresh']);
    expect(row(changes, '3.11')).not.toBeNull();
  });

  it('has the dates that a check counts by, also where its registry does not answer', async () => {
    const digest = world.push({ created: 9 });
    world.pin(digest);
    world.pinnedSince(digest, 7);
    world.registry.resolveTag = async () => {
      throw new RegistryError({ code: 'unavailable', message: 'HTTP 503', temporary: true });
    };
    const age = checked(await world.pass({ look: 'pins' }), '3.11');
    expect(age).toMatchObject({ status: 'fresh', basis: 'published', since: daysAgo(9) });
    const changes = allChanges(await world.pass({ ledger: 'always' }));
    expect(row(changes, '3.11')).toEqual([daysAgo(9), daysAgo(7), daysAgo(7), 'fresh']);
  });

  it('keeps to what it says where a registry does not answer', async () => {
    const digest = world.push({ created: 5 });
    world.pin(digest);
    world.pinnedSince(digest, 7);
    world.ledger(digest, { firstSeen: 3 });
    world.registry.resolveTag = async () => {
      throw new RegistryError({ code: 'unavailable', message: 'HTTP 503', temporary: true });
    };
    expect(allChanges(await world.pass({ ledger: 'always' }))).toEqual([]);
  });

  it.each([
    [7, 'fresh'],
    [40, 'unknown'],
  ])('from the files alone knows the day that a comment gives: %i days ago is %s', async (days, status) => {
    const digest = world.push({ created: 50 });
    world.file('Dockerfile', `# python:3.11 (pinned ${daysAgo(days)})\nFROM python:3.11@${digest}\n`);
    const { changes } = await ledgerOf(memoryTree(world.files), world.settings(), NOW);
    expect(row(changes, '3.11')).toEqual(['—', daysAgo(days), daysAgo(days), status]);
  });
});
