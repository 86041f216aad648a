import type { Mutant, Scan, Span } from './mutants.ts';

/** The global that instrumented code asks whether a mutant is active; {@link ./runner.ts} provides it. */
export const SWITCH = '__mutant';

type Insertion = { readonly at: number; readonly text: string };

/**
 * The text of a file with all its mutants in place, each behind a switch that is off: one build serves every mutant.
 * Bodies of loops count their rounds, so that a mutant that never ends can be stopped.
 */
export function instrument(text: string, { mutants, loops }: Scan): string {
  const opening: (Insertion & Span)[] = [];
  const closing: (Insertion & Span)[] = [];
  const around = (span: Span, before: string, after: string) => {
    opening.push({ ...span, at: span.start, text: before });
    closing.push({ ...span, at: span.end, text: after });
  };
  for (const body of loops) {
    if (text[body.start] === '{')
      opening.push({ ...inside(body), at: body.start + 1, text: `${SWITCH}.round();` });
    else around(body, `{${SWITCH}.round();`, '}');
  }
  for (const group of bySpan(mutants)) {
    const [first] = group;
    if (first === undefined) continue;
    const { wrap } = first.change;
    const skipped = group.filter(({ change }) => change.kind === 'skip');
    const replaced = group.filter(({ change }) => change.kind === 'replace');
    if (replaced.length > 0) {
      const branches = replaced.map((mutant) => `${SWITCH}(${mutant.id})?(${mutatedText(text, mutant)}):`);
      around(wrap, `(${branches.join('')}`, ')');
    }
    if (skipped.length > 0) {
      around(wrap, `{if(!(${skipped.map(({ id }) => `${SWITCH}(${id})`).join('||')})){`, '}}');
    }
  }
  opening.sort((a, b) => a.at - b.at || b.end - a.end);
  closing.sort((a, b) => a.at - b.at || b.start - a.start);
  return `const ${SWITCH}=globalThis.${SWITCH};${merge(text, closing, opening)}`;
}

/** The text of what the mutant replaces, as it is while the mutant is active. */
export function mutatedText(text: string, { change }: Mutant): string {
  if (change.kind === 'skip') return '';
  const { wrap, edit } = change;
  return text.slice(wrap.start, edit.start) + edit.text + text.slice(edit.end, wrap.end);
}

function inside({ start, end }: Span): Span {
  return { start: start + 1, end: end - 1 };
}

function bySpan(mutants: readonly Mutant[]): readonly (readonly Mutant[])[] {
  const groups = Map.groupBy(mutants, ({ change }) => `${change.wrap.start}:${change.wrap.end}`);
  return [...groups.values()];
}

/** Both lists sorted; at one place what closes comes before what opens. */
function merge(text: string, closing: readonly Insertion[], opening: readonly Insertion[]): string {
  const all = [
    ...closing.map((one) => ({ ...one, order: 0 })),
    ...opening.map((one) => ({ ...one, order: 1 })),
  ];
  all.sort((a, b) => a.at - b.at || a.order - b.order);
  let result = '';
  let from = 0;
  for (const { at, text: inserted } of all) {
    result += text.slice(from, at) + inserted;
    from = at;
  }
  return result + text.slice(from);
}
