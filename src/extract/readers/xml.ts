import { WorkBudget } from '../work-budget.ts';
import { type MappedText, MappedTextBuilder, verbatim } from './mapped-text.ts';
import {
  DEPTH_LIMIT,
  type MapEntry,
  MapNode,
  type ReadDocuments,
  type ReadFault,
  type TextNode,
} from './node.ts';

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

type Open = {
  readonly key: TextNode;
  readonly start: number;
  readonly entries: MapEntry[];
  readonly pieces: MappedTextBuilder;
};

/**
 * Reads the elements of an XML file into nodes that know their place: an element with others in it is a map, any other is
 * its text. Attributes, comments, instructions and DTDs are passed over; entities of a DTD are never expanded. Reads on
 * after mistakes. Pure, linear, never throws.
 */
export function readXml(text: string, budget = new WorkBudget()): ReadDocuments {
  const faults: ReadFault[] = [];
  const root: Open = { key: plain('', 0), start: 0, entries: [], pieces: new MappedTextBuilder() };
  const open: Open[] = [root];
  const fault = (offset: number, problem: string): void => {
    if (faults.length === 0) faults.push({ code: 'syntax', offset, message: `not XML: ${problem}` });
  };
  let at = 0;
  for (let next = text.indexOf('<'); next >= 0; next = text.indexOf('<', at)) {
    addText(open.at(-1), text, at, next);
    if (text.startsWith('<!--', next)) at = after(text, '-->', next + 4);
    else if (text.startsWith('<![CDATA[', next)) {
      const end = text.indexOf(']]>', next);
      open.at(-1)?.pieces.copy(text.slice(next + 9, end < 0 ? text.length : end), next + 9);
      at = end < 0 ? text.length : end + 3;
    } else if (text[next + 1] === '?' || text[next + 1] === '!') at = after(text, '>', next);
    else if (text[next + 1] === '/') {
      at = after(text, '>', next);
      const name = text.slice(next + 2, at - 1).trim();
      const closing = open.at(-1);
      if (closing === undefined || open.length === 1 || closing.key.text.value !== name) {
        fault(next, `"</${name.slice(0, 80)}>" ends no element here`);
        continue;
      }
      open.pop();
      close(closing, open.at(-1), next, budget);
    } else {
      const end = tagEnd(text, next);
      const name = /^[^\s/>]{1,200}/.exec(text.slice(next + 1, Math.min(end, next + 202)))?.[0] ?? '';
      at = end;
      const element: Open = {
        key: plain(name, next + 1),
        start: next,
        entries: [],
        pieces: new MappedTextBuilder(),
      };
      if (text[end - 2] === '/') close(element, open.at(-1), end, budget);
      else if (open.length > DEPTH_LIMIT) {
        const message = `nested deeper than ${DEPTH_LIMIT} levels: the rest of the file is not read`;
        faults.push({ code: 'too-deep', offset: next, message });
        break;
      } else open.push(element);
    }
  }
  if (open.length > 1 && faults.length === 0) fault(text.length, `an element is not closed`);
  for (let element = open.pop(); element !== undefined && element !== root; element = open.pop()) {
    close(element, open.at(-1), text.length, budget);
  }
  return { documents: [new MapNode(0, root.entries, budget)], faults };
}

function close(element: Open, parent: Open | undefined, end: number, budget: WorkBudget): void {
  const { key, start, entries, pieces } = element;
  const value =
    entries.length > 0
      ? new MapNode(start, entries, budget)
      : ({ kind: 'text', text: pieces.build(), style: 'plain', start, end } as const);
  parent?.entries.push({ key, value });
}

/** Adds characters between tags; `&amp;` and its like have no place that could be edited. */
function addText(into: Open | undefined, text: string, from: number, to: number): void {
  if (into === undefined || from >= to || into.entries.length > 0) return;
  let copied = from;
  const slice = text.slice(from, to);
  if (slice.includes('&')) {
    for (const match of slice.matchAll(/&(\w{1,8});/g)) {
      const meant = ENTITIES.get(match[1] ?? '');
      if (meant === undefined) continue;
      const at = from + match.index;
      into.pieces.copy(text.slice(copied, at), copied);
      into.pieces.add(meant);
      copied = at + match[0].length;
    }
  }
  into.pieces.copy(text.slice(copied, to), copied);
}

/** The offset behind the `>` of a tag; one in a quoted attribute does not count. */
function tagEnd(text: string, from: number): number {
  let quote = '';
  for (let at = from; at < text.length; at++) {
    const c = text[at] ?? '';
    if (quote !== '') {
      if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if (c === '>') return at + 1;
  }
  return text.length;
}

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}

function plain(name: string, start: number): TextNode {
  const text: MappedText = verbatim(name, start);
  return { kind: 'text', text, style: 'plain', start, end: start + name.length };
}
