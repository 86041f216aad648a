import { isRecord } from '../domain/record.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Lists of rules: the repository's stand before the organisation's, so that its first match wins. */
const JOINED: ReadonlySet<string> = new Set(['images', 'holds', 'ignores', 'managers']);
/** Parts that only make sense whole. */
const WHOLE: ReadonlySet<string> = new Set(['schedule', 'groups']);

/**
 * A repository's file laid over its organisation's, both as written: keys of the repository win, objects are merged key
 * by key, lists are replaced, except rule lists, which are joined. Pure.
 */
export function mergeFiles(organisation: Plain, repository: Plain): Plain {
  const merged = new Map<string, unknown>(Object.entries(organisation));
  for (const [key, value] of Object.entries(repository)) {
    const below = merged.get(key);
    if (JOINED.has(key) && Array.isArray(value) && Array.isArray(below))
      merged.set(key, [...value, ...below]);
    else if (WHOLE.has(key)) merged.set(key, value);
    else merged.set(key, mergeValues(below, value));
  }
  return Object.fromEntries(merged);
}

function mergeValues(below: unknown, above: unknown): unknown {
  if (!isRecord(below) || !isRecord(above)) return above;
  const merged = new Map<string, unknown>(Object.entries(below));
  for (const [key, value] of Object.entries(above)) merged.set(key, mergeValues(merged.get(key), value));
  return Object.fromEntries(merged);
}
