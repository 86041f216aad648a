import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatMarker,
  type Marker,
  markPins,
  readMarker,
  replaceMarker,
} from '../../../src/plan/body/marker.ts';
import { digestOf, rotationsOver } from '../../support/fake-pass.ts';

const marker: Marker = {
  group: 'all',
  pins: [{ image: 'docker.io/library/python:3.11', from: 'a'.repeat(16), to: 'b'.repeat(16) }],
  day: '2026-11-20',
  base: 'base',
  head: 'head',
  content: 'content',
  material: 'material',
  named: [],
  closed: false,
};

describe('the marker', () => {
  it('is found again in any body', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (before, group) => {
        const body = `${before}\n${formatMarker({ ...marker, group })}`;
        expect(readMarker(body)).toEqual({ ...marker, group });
      }),
    );
  });

  it.each(['a --> b', '<script>', '--', '-->', '<!-- x'])('holds %j without ending its comment', (group) => {
    const text = formatMarker({ ...marker, group });
    expect(text.slice(4, -3)).not.toMatch(/--|<|>/);
    expect(readMarker(text)?.group).toBe(group);
  });

  it.each([
    '',
    'no marker',
    '<!-- pinwheel:{"v":1 -->',
    '<!-- pinwheel:[] -->',
    '<!-- pinwheel:{"v":2,"group":"all","pins":[]} -->',
    '<!-- pinwheel:{"v":1,"group":"all","pins":[1]} -->',
    '<!-- pinwheel:{"v":1,"group":1,"pins":[]} -->',
    '<!-- pinwheel:{"v":1,"group":"all","pins":[]}',
  ])('is not read from %j', (body) => {
    expect(readMarker(body)).toBeNull();
  });

  it('the last one counts: text above it may quote another', () => {
    const body = `> ${formatMarker({ ...marker, group: 'quoted' })}\n\n${formatMarker(marker)}`;
    expect(readMarker(body)?.group).toBe('all');
  });

  it('is replaced in place', () => {
    const body = `above\n\n${formatMarker(marker)}\nbelow`;
    const replaced = replaceMarker(body, { ...marker, closed: true });
    expect(readMarker(replaced)?.closed).toBe(true);
    expect(replaced.startsWith('above\n\n')).toBe(true);
    expect(replaced.endsWith('\nbelow')).toBe(true);
  });

  it('of a thousand pins stays small and keeps every new digest', () => {
    const pins = Array.from({ length: 1000 }, (_, i) => ({
      image: `registry.example.com/team/image-with-a-long-name-${i}:1.2.3`,
      from: null,
      to: i.toString(16).padStart(16, '0'),
    }));
    const text = formatMarker({ ...marker, pins });
    expect(text.length).toBeLessThan(35_000);
    expect(readMarker(text)?.pins.map((pin) => pin.to)).toEqual(pins.map((pin) => pin.to));
  });
});

describe('what the marker keeps', () => {
  it.each([
    [{ named: ['b'.repeat(16)] }],
    [{ closed: true }],
    [{ named: ['c'], closed: true }],
    [{ pins: [{ image: 'a:1', from: null, to: 'b' }] }],
  ])('%j', (rest) => {
    expect(readMarker(formatMarker({ ...marker, ...rest }))).toEqual({ ...marker, ...rest });
  });

  it('nothing of what is not so', () => {
    expect(formatMarker(marker)).not.toMatch(/named|closed/);
  });

  it('of hundreds of pins the new digests alone', () => {
    const pins = Array.from({ length: 900 }, (_, index) => ({
      image: `docker.io/library/image-${index}:1`,
      from: 'a'.repeat(16),
      to: String(index).padStart(16, '0'),
    }));
    const read = readMarker(formatMarker({ ...marker, pins }));
    expect(read?.pins).toEqual(pins.map(({ to }) => ({ image: '', from: null, to })));
  });

  it.each([
    ['an image that is no text', '{"v":1,"group":"all","pins":[[1,null,"b"]]}', null],
    ['a digest that is no text', '{"v":1,"group":"all","pins":[["a",null,1]]}', null],
    ['pins that are no list', '{"v":1,"group":"all","pins":{}}', null],
    ['null', 'null', null],
    ['a text', '"all"', null],
    [
      'the rest as far as it can be read',
      '{"v":1,"group":"all","pins":[["a",7,"b"]],"day":1,"named":["x",2],"closed":"yes"}',
      {
        ...marker,
        pins: [{ image: 'a', from: null, to: 'b' }],
        day: '',
        base: '',
        head: '',
        content: '',
        material: '',
        named: ['x'],
      },
    ],
  ])('%s', (_, json, want) => {
    expect(readMarker(`<!-- pinwheel:${json} -->`)).toEqual(want);
  });

  it('is the last one of a body; one without an end is none', () => {
    const other = { ...marker, group: 'other' };
    expect(readMarker(`${formatMarker(other)}\n${formatMarker(marker)}`)?.group).toBe('all');
    expect(readMarker('<!-- pinwheel:{"v":1,"group":"all","pins":[]}')).toBeNull();
  });
});

describe('replaceMarker', () => {
  const other = { ...marker, group: 'other' };
  it.each([
    ['in place', `a\n${formatMarker(marker)}\nz`, `a\n${formatMarker(other)}\nz`],
    ['at the start', `${formatMarker(marker)}\nz`, `${formatMarker(other)}\nz`],
    ['where there is none', 'a', `a\n\n${formatMarker(other)}`],
    ['where it has no end', '<!-- pinwheel:{', `<!-- pinwheel:{\n\n${formatMarker(other)}`],
    ['where there is no body', '', `\n\n${formatMarker(other)}`],
  ])('%s', (_, body, want) => {
    expect(replaceMarker(body, other)).toBe(want);
  });
});

describe('markPins', () => {
  it('keeps what tells pins apart: the image with its new tag, and the head of both digests', () => {
    const image = 'registry.example.com/team/base:1.0';
    const files = new Map([['Dockerfile', `FROM ${image}@${digestOf('a')}\n`]]);
    const [moved] = rotationsOver(files, [{ image, to: digestOf('b') }]);
    if (moved === undefined) throw new RangeError('nothing moves');
    expect(
      markPins([
        { ...moved, toTag: '1.1' },
        { ...moved, from: null },
      ]),
    ).toEqual([
      { image: 'registry.example.com/team/base:1.1', from: 'a'.repeat(16), to: 'b'.repeat(16) },
      { image: 'registry.example.com/team/base:1.0', from: null, to: 'b'.repeat(16) },
    ]);
  });
});
