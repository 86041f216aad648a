import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffPackages } from '../../../src/assess/diff/diff-packages.ts';
import { debian } from '../../support/findings.ts';

const npm = (name: string, version: string) => ({
  name,
  version,
  type: 'npm',
  purl: `pkg:npm/${name}@${version}`,
});

describe('diffPackages', () => {
  it('names what came, went and moved, by the ecosystem’s rules', () => {
    const diff = diffPackages(
      [
        debian('openssl', '3.0.11-1'),
        debian('tar', '1.34-1'),
        debian('bash', '5.2-2'),
        debian('gone', '1'),
        npm('a', '1.10.0'),
      ],
      [
        debian('openssl', '3.0.13-1'),
        debian('tar', '1.34-1+b1'),
        debian('bash', '5.2-1'),
        debian('come', '1'),
        npm('a', '1.9.0'),
      ],
    );
    expect(diff.changed.map(({ name, move }) => [name, move])).toEqual([
      ['bash', 'downgrade'],
      ['openssl', 'upgrade'],
      ['tar', 'rebuild'],
      ['a', 'downgrade'],
    ]);
    expect([diff.added.map((item) => item.name), diff.removed.map((item) => item.name)]).toEqual([
      ['come'],
      ['gone'],
    ]);
    expect(diff.unchanged).toBe(0);
  });

  it('pairs the versions of a package that is there more than once', () => {
    const diff = diffPackages(
      [npm('a', '1.0.0'), npm('a', '2.0.0')],
      [npm('a', '2.0.0'), npm('a', '1.1.0'), npm('a', '3.0.0')],
    );
    expect(diff.changed).toEqual([{ name: 'a', type: 'npm', from: '1.0.0', to: '1.1.0', move: 'upgrade' }]);
    expect(diff.added.map((item) => item.version)).toEqual(['3.0.0']);
    expect(diff.unchanged).toBe(1);
  });

  it('of equal lists is empty, and adds up', () => {
    const item = fc
      .record({ name: fc.constantFrom('a', 'b', 'c'), version: fc.constantFrom('1.0', '2.0', '3.0') })
      .map(({ name, version }) => npm(name, version));
    const list = fc.array(item, { maxLength: 8 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const same = diffPackages(a, [...a].reverse());
        expect([same.added, same.removed, same.changed]).toEqual([[], [], []]);
        const diff = diffPackages(a, b);
        const distinct = (packages: typeof a): number => new Set(packages.map(({ purl }) => purl)).size;
        expect(diff.removed.length + diff.changed.length + diff.unchanged).toBe(distinct(a));
        expect(diff.added.length + diff.changed.length + diff.unchanged).toBe(distinct(b));
      }),
    );
  });
});
