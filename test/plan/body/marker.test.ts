import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMarker, type Marker, readMarker, replaceMarker } from '../../../src/plan/body/marker.ts';

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
