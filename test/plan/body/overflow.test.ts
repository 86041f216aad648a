import { describe, expect, it } from 'vitest';
import { type BodyParts, fitBody } from '../../../src/plan/body/overflow.ts';

const fold = (summary: string, rows = 1, width = 20) => ({
  summary,
  section: {
    head: '| a |\n|---|',
    rows: Array.from({ length: rows }, () => `| ${summary.padEnd(width, '.')} |`),
    foot: '',
  },
});
const PARTS: BodyParts = {
  head: 'HEAD',
  moves: { head: '| moves |\n|---|', rows: ['| move |'], foot: '' },
  verdicts: ['verdict'],
  suggestion: 'suggestion',
  folds: [],
  places: fold('places'),
  sources: 'sources',
  tail: 'TAIL',
};
const bodyOf = (limit: number, change: Partial<BodyParts> = {}) => fitBody({ ...PARTS, ...change }, limit);

describe('fitBody', () => {
  it('has every part in its order where there is room', () => {
    const body = bodyOf(60_000, { folds: [fold('one'), fold('two')] });
    const order = [
      'HEAD',
      'move |',
      'verdict',
      'suggestion',
      '<summary>one',
      '<summary>two',
      '<summary>places',
      'sources',
      'TAIL',
    ];
    const places = order.map((part) => body.indexOf(part));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(body).not.toContain('\n\n\n\n');
    expect(body).not.toMatch(/more sections? (?:is|are)/);
  });

  it('has no trace of parts that are empty', () => {
    const body = bodyOf(60_000, { suggestion: '', sources: '', verdicts: [] });
    expect(body.split('\n\n').slice(0, 2)).toEqual(['HEAD', '| moves |\n|---|\n| move |']);
    expect(body).not.toContain('\n\n\n\n');
  });

  it.each([
    [['one'], '\n\none\n\n'],
    [['one', 'two'], '\n\n- one\n- two\n\n'],
  ])('verdicts %j are a list where there are several', (verdicts, want) => {
    expect(bodyOf(60_000, { verdicts })).toContain(want);
  });

  it.each([
    [1, '1 more section is in the check'],
    [2, '2 more sections are in the check'],
  ])('says how many folds were left out behind a long one: %i', (count, note) => {
    const folds = [fold('kept', 400), ...Array.from({ length: count }, (_, at) => fold(`left${at}`))];
    const body = bodyOf(4_500, { folds });
    expect(body).toContain('<summary>kept');
    expect(body).not.toContain('<summary>left');
    expect(body).toContain(note);
    expect(body.length).toBeLessThanOrEqual(4_500);
  });

  it('gives advice only where it costs less than a quarter of the room', () => {
    const long = 's'.repeat(1_500);
    expect(bodyOf(20_000, { suggestion: long })).toContain(long);
    expect(bodyOf(4_000, { suggestion: long })).not.toContain(long);
    expect(bodyOf(20_000, { sources: long })).toContain(long);
    expect(bodyOf(4_000, { sources: long })).not.toContain(long);
  });

  it('gives verdicts no more than half, so that places stay', () => {
    const body = bodyOf(6_000, { verdicts: Array.from({ length: 200 }, () => 'v'.repeat(100)) });
    expect(body).toContain('<summary>places');
    expect(body).toContain('did not fit');
    expect(body.match(/v{100}/g)?.length ?? 0).toBeLessThan(30);
    expect(body.match(/v{100}/g)?.length ?? 0).toBeGreaterThan(15);
  });

  it('keeps head and tail whole, whatever the rest', () => {
    const body = bodyOf(40, { folds: [fold('one')] });
    expect(body.startsWith('HEAD')).toBe(true);
    expect(body.endsWith('TAIL')).toBe(true);
    expect(body.length).toBeLessThanOrEqual(40);
  });
});
