import { dirname } from 'node:path';
import type { Equivalent } from './equivalent.ts';
import type { Mutant } from './mutants.ts';

export type Outcome = 'killed' | 'endless' | 'survived' | 'uncovered';

/** A mutant with what became of it. */
export type Result = { readonly mutant: Mutant; readonly outcome: Outcome };

/** First line of what a mutant changes, as it is and as the mutant makes it, both without indentation. */
export type Shown = { readonly line: string; readonly becomes: string };

/** How a mutant is shown, and found in the list of equivalent ones. */
export function show(text: string, mutant: Mutant): Shown {
  const { change } = mutant;
  const { start, end } = change.kind === 'replace' ? change.edit : change.wrap;
  const first =
    change.kind === 'skip' ? start + (/^\s*/.exec(text.slice(start, end))?.[0].length ?? 0) : start;
  const from = text.lastIndexOf('\n', first - 1) + 1;
  const lineEnd = text.indexOf('\n', first);
  const to = lineEnd < 0 ? text.length : lineEnd;
  const line = text.slice(from, to).trim();
  if (change.kind === 'skip') {
    return {
      line,
      becomes: mutant.mutator === 'block' ? '(nothing from here to the end of the block)' : '(nothing)',
    };
  }
  const behind = text.indexOf('\n', end);
  const rest = text.slice(end, behind < 0 ? text.length : behind);
  return { line, becomes: (text.slice(from, start) + change.edit.text + rest).trim() };
}

/** Killed and endless ones in a hundred, rounded down to a tenth; 100 of none. */
export function score(results: readonly Result[]): number {
  const caught = results.filter(({ outcome }) => outcome === 'killed' || outcome === 'endless').length;
  return results.length === 0 ? 100 : Math.floor((caught / results.length) * 1000) / 10;
}

/** `src/plan/ledger/cells.ts` → `src/plan`: what a threshold is for. */
export function folderOf(file: string): string {
  return dirname(file).split('/').slice(0, 2).join('/');
}

/** A table of all files by folder, then each survivor with its place. Ends with a line end. */
export function report(results: readonly Result[], textOf: (file: string) => string): string {
  const rows: string[] = [row('', 'score', 'killed', 'endless', 'survived', 'uncovered')];
  for (const [folder, inFolder] of [...Map.groupBy(results, ({ mutant }) => folderOf(mutant.file))].sort()) {
    rows.push(rowOf(folder, inFolder));
    const files = Map.groupBy(inFolder, ({ mutant }) => mutant.file);
    for (const [file, ofFile] of [...files].sort())
      rows.push(rowOf(`  ${file.slice(folder.length + 1)}`, ofFile));
  }
  const left = results.filter(({ outcome }) => outcome === 'survived' || outcome === 'uncovered');
  const survivors = left.map(({ mutant, outcome }) => {
    const { line, becomes } = show(textOf(mutant.file), mutant);
    const note = outcome === 'uncovered' ? ', not covered' : '';
    return `${mutant.file}:${mutant.line} (${mutant.mutator}${note})\n  - ${line}\n  + ${becomes}\n`;
  });
  return `${survivors.join('\n')}\n${rows.join('\n')}\n`;
}

function rowOf(name: string, results: readonly Result[]): string {
  const count = (wanted: Outcome) => String(results.filter(({ outcome }) => outcome === wanted).length);
  const figures = [count('killed'), count('endless'), count('survived'), count('uncovered')] as const;
  return row(name, score(results).toFixed(1), ...figures);
}

function row(name: string, ...figures: readonly string[]): string {
  return name.padEnd(44) + figures.map((figure) => figure.padStart(10)).join('');
}

/** Whether the mutant is listed as equivalent. */
export function isEquivalent(text: string, mutant: Mutant, list: readonly Equivalent[]): boolean {
  const { line, becomes } = show(text, mutant);
  return list.some((one) => one.file === mutant.file && one.line === line && one.becomes === becomes);
}

/** Listed as equivalent, while the file has no such mutant any more. */
export function stale(
  list: readonly Equivalent[],
  mutants: readonly Mutant[],
  textOf: (file: string) => string,
): readonly Equivalent[] {
  const files = new Set(mutants.map(({ file }) => file));
  return list.filter(
    (one) =>
      files.has(one.file) &&
      !mutants.some((mutant) => mutant.file === one.file && isEquivalent(textOf(one.file), mutant, [one])),
  );
}
