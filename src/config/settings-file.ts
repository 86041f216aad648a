import type { BaseIssue, BaseSchema, InferOutput } from 'valibot';
import { safeParse } from 'valibot';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLParseError,
} from 'yaml';
import { messageOf, PinwheelError, type Result } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';

/** One thing wrong in a settings file. */
export type SettingsFault = {
  /** The file as the person named it. */
  readonly file: string;
  /** From 1: the line of the key (unknown or missing keys) or of the value. */
  readonly line: number;
  /** The key path as `registries[0].plainHttp`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong and, where known, what was meant. */
  readonly message: string;
};

/** A settings file that cannot be used. The message lists every fault, one a line. */
export class SettingsError extends PinwheelError<'invalid-settings' | 'unreadable-settings'> {}

const MAX_CHARACTERS = 256 * 1024;
const MAX_DEPTH = 32;
const MAX_ALIASES = 100;
const MAX_FAULTS = 50;

type AnySchema = BaseSchema<unknown, unknown, BaseIssue<unknown>>;

/**
 * Reads the text of a settings file: YAML 1.2 (so JSON too), checked by a valibot schema. Use `v.strictObject` for
 * objects, so that a misspelled key is a fault; the fault then names the nearest key the schema knows.
 * An empty file is an empty object.
 *
 * Refused with a fault: more than 256 Ki characters, more than 32 levels, more than 100 alias uses, duplicate keys,
 * several documents. At most 50 faults are listed, in the order of the file. Pure; never throws.
 */
export function parseSettings<Schema extends AnySchema>(options: {
  readonly file: string;
  readonly text: string;
  readonly schema: Schema;
}): Result<InferOutput<Schema>, readonly SettingsFault[]> {
  const { file, text, schema } = options;
  const fault = (line: number, path: string, message: string): SettingsFault => ({
    file,
    line,
    path,
    message,
  });
  if (text.length > MAX_CHARACTERS) {
    return { ok: false, fault: [fault(1, '', `the file is longer than ${MAX_CHARACTERS} characters`)] };
  }

  const lines = new LineCounter();
  const document = parseYaml(text, lines);
  if (document === null) {
    return { ok: false, fault: [fault(1, '', `nested deeper than ${MAX_DEPTH} levels`)] };
  }
  if (document.errors.length > 0) {
    const faults = document.errors
      .slice(0, MAX_FAULTS)
      .map((error) => fault(lines.linePos(error.pos[0]).line, '', sayYamlError(error)));
    return { ok: false, fault: faults };
  }

  const plain = toPlain(document);
  if (!plain.ok) return { ok: false, fault: [fault(1, '', plain.fault)] };
  const value = plain.value ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    return { ok: false, fault: [fault(1, '', 'expected keys and values, such as "key: value"')] };
  }
  const parsed = safeParse(schema, value);
  if (parsed.success) return { ok: true, value: parsed.output };

  const found = parsed.issues
    .flatMap((issue) => flatten(issue, []))
    .flatMap((issue) => [issue, ...furtherUnknown(issue, schema)])
    .slice(0, MAX_FAULTS);
  const faults = found.map(({ issue, keys }) => {
    const atKey = issue.path?.at(-1)?.origin === 'key';
    const offset = offsetOf(document, keys, atKey);
    return fault(lines.linePos(offset).line, spellPath(keys), describe(issue, schema, keys));
  });
  return { ok: false, fault: faults.sort((a, b) => a.line - b.line) };
}

/**
 * Finds lines of a settings file that was found valid: from 1, of the value at a key path, or of its nearest parent that
 * is written. The text is parsed once. Pure.
 */
export function settingsLines(text: string): (keys: readonly (string | number)[]) => number {
  const lines = new LineCounter();
  const document = parseYaml(text, lines);
  return (keys) => (document === null ? 1 : Math.max(1, lines.linePos(offsetOf(document, keys, false)).line));
}

/** The value, or a {@link SettingsError} whose message lists all faults, one a line. */
export function settingsOrThrow<Value>(parsed: Result<Value, readonly SettingsFault[]>): Value {
  if (parsed.ok) return parsed.value;
  throw new SettingsError({
    code: 'invalid-settings',
    message: parsed.fault.map(formatSettingsFault).join('\n'),
  });
}

/** `registries.yaml:3: registries[0].plainHtpp: unknown key; did you mean "plainHttp"?` */
export function formatSettingsFault(fault: SettingsFault): string {
  const at = fault.path === '' ? '' : ` ${fault.path}:`;
  return `${fault.file}:${fault.line}:${at} ${fault.message}`;
}

/** The document, or null where it is nested so deep that composing it runs out of stack. */
function parseYaml(text: string, lineCounter: LineCounter): Document.Parsed | null {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function sayYamlError(error: YAMLParseError): string {
  if (error.code === 'MULTIPLE_DOCS')
    return 'more than one YAML document; keep one, without "---" in between';
  // The library reports its own exhausted stack as a syntax error.
  if (error.message.includes('call stack')) return `nested deeper than ${MAX_DEPTH} levels`;
  return oneLine(error.message);
}

type FoundIssue = { readonly issue: BaseIssue<unknown>; readonly keys: readonly PropertyKey[] };

/** The issues with their key paths; a union's issue gives way to those inside its alternatives, where there are any. */
function flatten(issue: BaseIssue<unknown>, parent: readonly PropertyKey[]): FoundIssue[] {
  const keys = [...parent, ...(issue.path ?? []).map((item) => item.key as PropertyKey)];
  const inner = (issue.issues ?? []).filter((item) => (item.path ?? []).length > 0);
  return inner.length === 0 ? [{ issue, keys }] : inner.flatMap((item) => flatten(item, keys));
}

/** Valibot reports the first unknown key of an object; a person wants to correct all of them at once. */
function furtherUnknown({ issue, keys }: FoundIssue, schema: AnySchema): FoundIssue[] {
  const input: unknown = issue.path?.at(-1)?.input;
  if (!isUnknownKey(issue) || typeof input !== 'object' || input === null) return [];
  const parent = keys.slice(0, -1);
  const known = keysAt(schema, parent);
  return Object.keys(input)
    .filter((key) => !known.has(key) && key !== keys.at(-1))
    .map((key) => ({ issue, keys: [...parent, key] }));
}

function isUnknownKey(issue: BaseIssue<unknown>): boolean {
  return issue.type === 'strict_object' && issue.path?.at(-1)?.origin === 'key' && issue.expected === 'never';
}

function toPlain(document: Document.Parsed): Result<unknown, string> {
  if (depthOf(document.contents) > MAX_DEPTH) {
    return { ok: false, fault: `nested deeper than ${MAX_DEPTH} levels` };
  }
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch (error) {
    return { ok: false, fault: oneLine(messageOf(error)) };
  }
}

function depthOf(root: unknown): number {
  let depth = 0;
  let level: unknown[] = [root];
  while (level.length > 0 && depth <= MAX_DEPTH) {
    const next: unknown[] = [];
    for (const node of level) {
      if (isMap(node)) for (const pair of node.items) next.push(pair.key, pair.value);
      if (isSeq(node)) for (const item of node.items) next.push(item);
    }
    level = next;
    depth++;
  }
  return depth;
}

/** The offset of the value at `path`, or of its key; where it is missing, of the nearest parent that is there. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[], atKey: boolean): number {
  let node: unknown = document.contents;
  let offset = start(node, 0);
  for (const [depth, key] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((item) => keyText(item.key) === String(key));
      if (pair === undefined) return offset;
      offset = last && !atKey && pair.value !== null ? start(pair.value, offset) : start(pair.key, offset);
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number') {
      node = node.items[key];
      offset = start(node, offset);
    } else return offset;
  }
  return offset;
}

function start(node: unknown, otherwise: number): number {
  return (node as Node | null | undefined)?.range?.[0] ?? otherwise;
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function spellPath(keys: readonly PropertyKey[]): string {
  let text = '';
  for (const key of keys) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += `${text === '' ? '' : '.'}${String(key).slice(0, 80)}`;
  }
  return text;
}

function describe(issue: BaseIssue<unknown>, schema: AnySchema, path: readonly PropertyKey[]): string {
  if (isUnknownKey(issue)) {
    const known = [...keysAt(schema, path.slice(0, -1))].sort();
    const meant = nearest(String(path.at(-1)), known);
    if (meant !== null) return `unknown key; did you mean ${JSON.stringify(meant)}?`;
    return known.length === 0 || known.length > 24
      ? 'unknown key'
      : `unknown key; the keys here are ${known.join(', ')}`;
  }
  if (issue.path?.at(-1)?.origin === 'key' && issue.kind === 'schema' && issue.input === undefined) {
    return 'required, but missing';
  }
  // Valibot's own sentence starts with "Invalid …: Expected"; a schema's own message is kept as it is.
  if (!issue.message.startsWith('Invalid ')) return oneLine(issue.message);
  const expected = issue.expected === null ? '' : `expected ${issue.expected}, `;
  return oneLine(`${expected}got ${issue.received}`).slice(0, 300);
}

/** The keys a schema knows at a path, through wrappers, pipes, lists, records and unions. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): ReadonlySet<string> {
  const keys = new Set<string>();
  let level: unknown[] = [schema];
  for (const step of [...path, null]) {
    const next: unknown[] = [];
    for (const part of level.flatMap((item) => unwrap(item, 0))) {
      if (step === null) for (const key of Object.keys(part.entries ?? {})) keys.add(key);
      else if (part.entries !== undefined) next.push(part.entries[String(step)]);
      else next.push(part.item, part.value);
    }
    level = next;
  }
  return keys;
}

type SchemaParts = {
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly item?: unknown;
  readonly value?: unknown;
  readonly wrapped?: unknown;
  readonly options?: readonly unknown[];
};

function unwrap(schema: unknown, depth: number): SchemaParts[] {
  if (typeof schema !== 'object' || schema === null || depth > 16) return [];
  const parts = schema as SchemaParts;
  if (parts.wrapped !== undefined) return unwrap(parts.wrapped, depth + 1);
  if (Array.isArray(parts.options)) return parts.options.flatMap((option) => unwrap(option, depth + 1));
  return [parts];
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ').trim();
}
