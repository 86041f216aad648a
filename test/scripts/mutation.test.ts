import { describe, expect, test } from 'vitest';
import { instrument } from '../../scripts/mutation/instrument.ts';
import { scan } from '../../scripts/mutation/mutants.ts';
import { score, show, stale } from '../../scripts/mutation/report.ts';

/** What every mutant of a text makes of the line it is in. */
const mutated = (text: string) => scan('a.ts', text, 1).mutants.map((mutant) => show(text, mutant).becomes);

describe('mutants', () => {
  test.each<readonly [string, readonly string[]]>([
    ['f(a > b);', ['(nothing)', 'f(a >= b);', 'f(a <= b);']],
    ['const x = a === b;', ['const x = a !== b;']],
    ['const x = a && b;', ['const x = a;', 'const x = b;', 'const x = a || b;']],
    ['const x = a ?? f;', ['const x = (a) && (f);', 'const x = a;']],
    ["const x = a ?? '';", ["const x = (a) && ('');"]],
    ['const x = a?.b.c;', ['const x = a.b.c;']],
    ['const x = list.some(f);', ['const x = list.every(f);']],
    [
      'const x = (a ?? b).filter(f);',
      ['const x = (a ?? b);', 'const x = ((a) && (b)).filter(f);', 'const x = (a).filter(f);'],
    ],
    ['const x = Math.max(1, n - 1);', ['const x = Math.min(1, n - 1);', 'const x = Math.max(1, n + 1);']],
    ["const x = 'a' + b;", []],
    ["const x = 'two words';", []],
    ["import x from 'code'; type T = 'code';", []],
    ["const x = y as 'code';", []],
    ["const x = typeof y === 'string';", ["const x = typeof y !== 'string';"]],
    ['const x = [a] as const;', ['const x = [] as const;']],
    ['const x = /^a$/;', ['const x = /a$/;', 'const x = /^a/;']],
    ['if (!a) b();', ['if (true) b();', 'if (false) b();', 'if (a) b();', '(nothing)']],
  ])('of %s', (text, want) => {
    expect(mutated(text).toSorted()).toEqual(want.toSorted());
  });

  test('know their line and the text of the file is found again', () => {
    const text = '\n\nconst x = a\n  && b;\n';
    expect(scan('a.ts', text, 5).mutants.map(({ id, line }) => [id, line])).toEqual([
      [5, 3],
      [6, 3],
      [7, 4],
    ]);
  });
});

describe('an instrumented file', () => {
  const text = `
    result = [];
    for (const n of [1, 2, 3]) if (n > 1) result.push(n); else result.push(-n);
    result.push(a?.b.filter((x) => x !== 0).length ?? 'none');
  `;
  const found = scan('a.ts', text, 1);
  function run(active: number): string {
    const sandbox = { result: [] as unknown[], a: { b: [0, 1, 2] } };
    const __mutant = Object.assign((id: number) => id === active, { round() {} });
    const body = instrument(text, found).replace('globalThis.', 'globals.');
    new Function('globals', 'sandbox', `with (sandbox) { ${body} }`)({ __mutant }, sandbox);
    return JSON.stringify(sandbox.result);
  }

  test('does what it did, and something else with most mutants', () => {
    expect(run(0)).toBe('[-1,2,3,2]');
    const same = found.mutants
      .filter(({ id }) => run(id) === run(0))
      .map((mutant) => show(text, mutant).becomes);
    // `result` is empty before, `a` is there.
    expect(same.toSorted()).toEqual([
      '(nothing)',
      "result.push(a.b.filter((x) => x !== 0).length ?? 'none');",
      "result.push(a?.b.filter((x) => x !== 0).length ?? '');",
      'result.push(a?.b.filter((x) => x !== 0).length);',
    ]);
  });
});

describe('the report', () => {
  const [mutant] = scan('src/a/b.ts', 'const x = true;', 1).mutants;
  if (mutant === undefined) throw new RangeError('no mutant');

  test('counts what was caught', () => {
    const outcomes = ['killed', 'endless', 'survived', 'uncovered', 'killed', 'killed'] as const;
    expect(score(outcomes.map((outcome) => ({ mutant, outcome })))).toBe(66.6);
    expect(score([])).toBe(100);
  });

  test('tells of listed mutants that are no more', () => {
    const listed = { file: 'src/a/b.ts', line: 'const x = true;', becomes: 'const x = false;', reason: '' };
    const gone = { ...listed, line: 'const y = true;' };
    const elsewhere = { ...gone, file: 'src/a/c.ts' };
    expect(stale([listed, gone, elsewhere], [mutant], () => 'const x = true;')).toEqual([gone]);
  });
});
