import { describe, expect, it } from 'vitest';
import { readEmbeddedYaml } from '../../src/extract/readers/embedded-yaml.ts';
import { readLines } from '../../src/extract/readers/lines.ts';
import { verbatim } from '../../src/extract/readers/mapped-text.ts';
import type { ConfigNode } from '../../src/extract/readers/node.ts';
import { readShell } from '../../src/extract/readers/shell-words.ts';
import { readYaml } from '../../src/extract/readers/yaml.ts';
import { WorkBudget } from '../../src/extract/work-budget.ts';

function rootOf(text: string, budget: WorkBudget): ConfigNode & { kind: 'map' } {
  const [root] = readYaml(text, budget).documents;
  if (root?.kind !== 'map') throw new Error('the test writes a map');
  return root;
}

describe('nodes', () => {
  const read: readonly (readonly [string, (root: ConfigNode & { kind: 'map' }) => number])[] = [
    ['entries', (root) => root.map('a')?.entries.length ?? 0],
    ['merged entries', (root) => [...(root.map('a')?.merged() ?? [])].length],
    ['items', (root) => root.list('b').length],
  ];
  it.each(read)(
    '%s are handed out for nothing a few times, then for a price, then not at all',
    (_name, ask) => {
      const budget = new WorkBudget(100);
      const root = rootOf('a: {x: 1, y: 2}\nb: [1, 2]\n', budget);
      const answers = Array.from({ length: 14 }, () => ask(root));
      expect(answers).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0]);
      expect(budget.isOverdrawn).toBe(true);
    },
  );

  it('answer for one key for nothing', () => {
    const budget = new WorkBudget(0);
    const root = rootOf('a: 1\n', budget);
    for (let i = 0; i < 100; i++) expect(root.value('a')).toBe('1');
    expect(budget.spent).toBe(0);
  });

  it('share the price through aliases', () => {
    const budget = new WorkBudget();
    const root = rootOf(
      `a: &a [1, 2]\n${Array.from({ length: 20 }, (_, i) => `b${i}: *a\n`).join('')}`,
      budget,
    );
    for (let i = 0; i < 20; i++) root.list(`b${i}`);
    expect(budget.spent).toBe(12 * 2 * 20);
  });
});

describe('texts', () => {
  const text = verbatim('docker run a\ndocker run b\n', 0);
  const node = { kind: 'text', text: verbatim('image: a\n', 0), style: 'block', start: 0, end: 9 } as const;
  const readers: readonly (readonly [string, number, (budget: WorkBudget) => readonly unknown[]])[] = [
    ['scripts', 26, (budget) => readShell(text, budget)],
    ['lists of lines', 26, (budget) => readLines(text, budget)],
    ['embedded YAML', 18, (budget) => readEmbeddedYaml(node, budget)],
  ];
  it.each(readers)(
    '%s cost %i steps each time, and are empty where there are not so many',
    (_name, cost, read) => {
      const budget = new WorkBudget(2 * cost - 1);
      expect(read(budget)).not.toEqual([]);
      expect(budget.spent).toBe(cost);
      expect(read(budget)).toEqual([]);
      expect(budget.isOverdrawn).toBe(true);
    },
  );
});
