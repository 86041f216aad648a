import { describe, expect, it } from 'vitest';
import type { FileChange } from '../../src/discover/tree.ts';
import type { Digest } from '../../src/domain/digest.ts';
import type { IsoDate } from '../../src/domain/ledger-entry.ts';
import type { Pass } from '../../src/pass/pass.ts';
import {
  allChanges,
  answerOf,
  changesOf,
  mayBeReleased,
  type Part,
  released,
  unresolvedImages,
} from '../../src/pass/rotate.ts';
import type { Rotation } from '../../src/plan/plan.ts';
import type { ReasonCode } from '../../src/policy/verdict.ts';
import { digestOf, type FakeMove, LEDGER, passOver } from '../support/fake-pass.ts';
import { daysAgo, World } from './one-answer/world.ts';

const [OLD, NEW, OTHER] = [digestOf('a'), digestOf('b'), digestOf('c')];
const TODAY = '2026-11-20' as IsoDate;

const FILES = new Map([
  ['a/Dockerfile', `FROM python:3.11@${OLD}\nFROM nginx:1@${OLD}\n`],
  ['b/Dockerfile', `FROM python:3.11@${OLD}\n`],
  ['c/Dockerfile', `FROM node:22@${OLD}\n`],
]);
const python: FakeMove = { image: 'python:3.11', to: NEW };
const nginx: FakeMove = { image: 'nginx:1', to: OTHER };

const passOf = (
  moves: readonly FakeMove[] = [python, nginx],
  files = FILES,
  unresolved: readonly string[] = [],
) => passOver(files, moves, undefined, unresolved);

function rotationOf(pass: Pass, name: string): Rotation {
  const one = pass.plan.rotations.find(({ image }) => image.repository === `library/${name}`);
  if (one === undefined) throw new Error(`no rotation of ${name}`);
  return one;
}

const part = (rotations: readonly Rotation[], byParts = false, day = TODAY): Part => ({
  rotations,
  day,
  byParts,
});
const textOf = (changes: readonly FileChange[], path: string): string | null => {
  const change = changes.find((one) => one.path === path);
  return change === undefined ? null : Buffer.from(change.bytes).toString();
};
const pathsOf = (changes: readonly FileChange[]) => changes.map(({ path }) => path).sort();
/** The images of the ledger's rows with the first letter of their digests. */
const rowsOf = (changes: readonly FileChange[]): readonly string[] =>
  (textOf(changes, LEDGER) ?? '')
    .split('\n')
    .flatMap((line) => /^\| `?([\w./:-]+?)`? \|.*sha256:(\w)/.exec(line)?.slice(1).join(' ') ?? []);

describe('the files of a whole pass', () => {
  it('are all that it edits, and the ledger', async () => {
    const changes = allChanges(await passOf());
    expect(pathsOf(changes)).toEqual([LEDGER, 'a/Dockerfile', 'b/Dockerfile']);
    expect(textOf(changes, 'a/Dockerfile')).toBe(`FROM python:3.11@${NEW}\nFROM nginx:1@${OTHER}\n`);
  });

  it('are none where the ledger could not be kept true', async () => {
    const pass = await passOf([python], new Map([...FILES, [LEDGER, '<!-- pinwheel:ledger:start -->\n']]));
    expect(pass.plan.edits).not.toEqual([]);
    expect(allChanges(pass)).toEqual([]);
    expect(changesOf(pass, part(pass.plan.rotations))).toEqual([]);
  });
});

describe('the files of a part', () => {
  it('of all rotations are those of the pass', async () => {
    const pass = await passOf();
    expect(changesOf(pass, part(pass.plan.rotations))).toEqual(allChanges(pass));
  });

  it('of one rotation leave the other where it is, in its row too', async () => {
    const pass = await passOf();
    const changes = changesOf(pass, part([rotationOf(pass, 'python')]));
    expect(textOf(changes, 'a/Dockerfile')).toBe(`FROM python:3.11@${NEW}\nFROM nginx:1@${OLD}\n`);
    expect(textOf(changes, 'b/Dockerfile')).toBe(`FROM python:3.11@${NEW}\n`);
    expect(rowsOf(changes).filter((row) => row.startsWith('python'))).toEqual(['python b']);
    expect(rowsOf(changes)).not.toContain('nginx c');
  });

  it('write what is known of pins that stand still, where several parts share the ledger in new rows alone', async () => {
    const world = new World();
    world.pin(world.push({ created: 20, seed: 'old' }));
    world.push({ seed: 'new' });
    world.pin(world.push({ tag: '3.12', created: 5 }), '3.12', 'b/Dockerfile');
    const pass = await world.pass({});
    const rotations = pass.plan.rotations.filter(({ verdict }) => verdict === 'rotate');
    const published = (changes: readonly FileChange[]) =>
      textOf(changes, LEDGER)
        ?.split('\n')
        .find((line) => line.includes('3.12'))
        ?.includes(daysAgo(5));
    expect(rotations).toHaveLength(1);
    expect(published(changesOf(pass, part(rotations)))).toBe(true);
    expect(published(changesOf(pass, part(rotations, true)))).toBe(true);
    const [written] = changesOf(pass, part(rotations)).filter(({ path }) => path === LEDGER);
    const open = Buffer.from(written?.bytes ?? '')
      .toString()
      .replace(daysAgo(5), '—');
    world.file(LEDGER, open);
    const later = await world.pass({});
    const moving = later.plan.rotations.filter(({ verdict }) => verdict === 'rotate');
    expect(pathsOf(changesOf(later, part(moving, true)))).toEqual(['Dockerfile']);
  });

  it('of some sites leave the others, and a row for either', async () => {
    const pass = await passOf();
    const whole = rotationOf(pass, 'python');
    const rotation = { ...whole, sites: whole.sites.filter(({ file }) => file === 'b/Dockerfile') };
    const changes = changesOf(pass, part([rotation], true));
    expect(pathsOf(changes)).toEqual([LEDGER, 'b/Dockerfile']);
    expect(textOf(changes, 'b/Dockerfile')).toBe(`FROM python:3.11@${NEW}\n`);
    const row = (textOf(changes, LEDGER) ?? '').split('\n').find((line) => line.includes(NEW));
    expect(row).toContain('b/Dockerfile');
    expect(row).not.toContain('a/Dockerfile');
  });

  it('of one of two places in a file move that place alone', async () => {
    const files = new Map([['Dockerfile', `FROM python:3.11@${OLD} AS a\nFROM python:3.11@${OLD} AS b\n`]]);
    const pass = await passOf([python], files);
    const whole = rotationOf(pass, 'python');
    const rotation = { ...whole, sites: whole.sites.slice(1) };
    expect(textOf(changesOf(pass, part([rotation], true)), 'Dockerfile')).toBe(
      `FROM python:3.11@${OLD} AS a\nFROM python:3.11@${NEW} AS b\n`,
    );
  });

  it('of no site at all, or of nothing, write no file of images', async () => {
    const pass = await passOf();
    const none = { ...rotationOf(pass, 'python'), sites: [] };
    for (const rotations of [[none], []]) {
      const changes = changesOf(pass, part(rotations, true));
      expect(pathsOf(changes)).toEqual([LEDGER]);
      expect(rowsOf(changes)).toEqual(['nginx a', 'node a', 'python a']);
    }
  });

  it('name the day that is asked for', async () => {
    const pass = await passOf();
    const changes = changesOf(pass, part([rotationOf(pass, 'python')], true, '2026-11-18' as IsoDate));
    expect(textOf(changes, LEDGER)).toContain('2026-11-18');
  });

  it('keep the rows of pins that nobody asked about', async () => {
    const files = new Map([...FILES, ['d/Dockerfile', 'FROM debian:12\n']]);
    const pass = await passOf([python], files);
    expect(pass.kept.map(({ pin }) => pin.image.repository)).toEqual(['library/debian']);
    expect(pathsOf(changesOf(pass, part(pass.plan.rotations)))).toEqual([
      LEDGER,
      'a/Dockerfile',
      'b/Dockerfile',
    ]);
  });
});

/** The pass with the rotations of python as something else has them. */
function changed(pass: Pass, change: Partial<Rotation>): Pass {
  const { plan } = pass;
  const rotations = plan.rotations.map((one) =>
    one.image.repository === 'library/python' ? { ...one, ...change } : one,
  );
  return { ...pass, plan: { ...plan, rotations } };
}

const held = (code: ReasonCode): Partial<Rotation> => ({
  verdict: 'hold',
  reasons: [{ code, message: 'why' }],
});

describe('what a person may release by name', () => {
  it.each<[string, Partial<Rotation>, boolean]>([
    ['a cool-down', held('cool-down'), true],
    ['settling', held('settling'), true],
    ['what the settings hold', held('held-by-configuration'), false],
    ['a digest that the settings ignore', held('ignored-by-configuration'), false],
    ['an edit that was refused', held('edit-refused'), false],
    [
      'a firm reason beside a soft one',
      {
        ...held('cool-down'),
        reasons: [
          { code: 'cool-down', message: '' },
          { code: 'ignored-by-configuration', message: '' },
        ],
      },
      false,
    ],
    ['a block', { ...held('cool-down'), verdict: 'block' }, false],
    ['what moves anyhow', { verdict: 'rotate' }, false],
    ['what has nothing to move to', { ...held('cool-down'), verdict: 'current' }, false],
  ])('%s', async (_, change, isFree) => {
    const pass = changed(await passOf(), change);
    const rotation = rotationOf(pass, 'python');
    expect(mayBeReleased(rotation)).toBe(isFree);
    const after = released(pass, () => true);
    if (!isFree) expect(after).toBe(pass);
    else expect(rotationOf(after, 'python')).toEqual({ ...rotation, verdict: 'rotate' });
  });

  it('is nothing where the tag leads to no other digest', async () => {
    const pass = await passOf();
    const standing = rotationOf(pass, 'node');
    expect(mayBeReleased({ ...standing, ...held('cool-down') })).toBe(false);
  });

  it('is only what is named, in decisions, answers and plan alike', async () => {
    const held = [
      { ...python, held: true },
      { ...nginx, held: true },
    ];
    const soft = await passOf(held);
    const cool = { code: 'cool-down', message: 'waits' } as const;
    const pass: Pass = {
      ...soft,
      plan: { ...soft.plan, rotations: soft.plan.rotations.map((one) => ({ ...one, reasons: [cool] })) },
    };
    const after = released(pass, ({ image }) => image.repository === 'library/python');
    const verdicts = (of: Pass) => [
      of.plan.rotations.map(({ image, verdict }) => `${image.repository} ${verdict}`),
      of.decisions.map(({ pin, verdict }) => `${pin.image.repository} ${verdict}`),
      of.answers.map(({ pin, verdict }) => `${pin.image.repository} ${verdict}`),
    ];
    const expected = ['library/nginx hold', 'library/node current', 'library/python rotate'];
    expect(verdicts(after)).toEqual([expected, expected, expected]);
    expect(released(pass, () => false)).toBe(pass);
    const changes = changesOf(after, part([rotationOf(after, 'python')]));
    expect(textOf(changes, 'b/Dockerfile')).toBe(`FROM python:3.11@${NEW}\n`);
  });
});

describe('look-ups in a pass', () => {
  it('find the answer behind a rotation, by image and digest', async () => {
    const pass = await passOf();
    const rotation = rotationOf(pass, 'nginx');
    expect(answerOf(pass, rotation)?.pin.image).toEqual(rotation.image);
    expect(answerOf(pass, { ...rotation, from: OTHER as Digest })).toBeNull();
  });

  it('name the images that could not be looked up', async () => {
    expect([...unresolvedImages(await passOf())]).toEqual([]);
    const pass = await passOf([python], FILES, ['docker.io/library/node']);
    expect([...unresolvedImages(pass)]).toEqual(['docker.io/library/node']);
  });
});
