import * as v from 'valibot';
import { parse } from 'yaml';
import { messageOf, type Result } from '../../domain/errors.ts';
import { type IsoDate, isIsoDate } from '../../domain/ledger-entry.ts';
import type { Suppression } from './suppression.ts';

/**
 * Reads a `.trivyignore`: one identifier a line, `exp:YYYY-MM-DD` for an end, `#` for comments (trivy.dev, filtering).
 * The comment lines above an identifier are its reason. Entries past their end on `today` are left out.
 */
export function parseTrivyIgnore(text: string, today: IsoDate): readonly Suppression[] {
  const suppressions: Suppression[] = [];
  let reason: string[] = [];
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '') reason = [];
    if (line.startsWith('#')) reason.push(line.replace(/^#+\s*/, ''));
    if (line === '' || line.startsWith('#')) continue;
    const [before = '', ...comment] = line.split('#');
    const [id = '', ...words] = before.trim().split(/\s+/);
    const end = words.find((word) => word.startsWith('exp:'))?.slice('exp:'.length);
    const why = [...reason, comment.join('#').trim()].filter((part) => part !== '').join(' ');
    reason = [];
    if (end !== undefined && (!isIsoDate(end) || end < today)) continue;
    suppressions.push(entry([id], [], [], why));
  }
  return suppressions;
}

const schema = v.looseObject({
  vulnerabilities: v.optional(
    v.nullable(
      v.array(
        v.looseObject({
          id: v.string(),
          paths: v.optional(v.nullable(v.array(v.string()))),
          purls: v.optional(v.nullable(v.array(v.string()))),
          expired_at: v.optional(v.nullable(v.union([v.string(), v.date()]))),
          statement: v.optional(v.nullable(v.string())),
        }),
      ),
    ),
  ),
});

/** Reads a `.trivyignore.yaml`. A fault says what is malformed; nothing is ignored then. */
export function parseTrivyIgnoreYaml(text: string, today: IsoDate): Result<readonly Suppression[], string> {
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 100 });
  } catch (error) {
    return { ok: false, fault: `it is not YAML: ${messageOf(error).split('\n')[0]}` };
  }
  const parsed = v.safeParse(schema, document ?? {});
  if (!parsed.success) return { ok: false, fault: v.summarize(parsed.issues).slice(0, 300) };
  const current = (parsed.output.vulnerabilities ?? []).filter((item) => {
    if (item.expired_at === undefined || item.expired_at === null) return true;
    const end = item.expired_at instanceof Date ? item.expired_at.toISOString() : item.expired_at;
    const day = end.slice(0, 10);
    return isIsoDate(day) && day >= today;
  });
  return {
    ok: true,
    value: current.map((item) => entry([item.id], item.purls ?? [], item.paths ?? [], item.statement ?? '')),
  };
}

function entry(
  ids: readonly string[],
  purls: readonly string[],
  paths: readonly string[],
  reason: string,
): Suppression {
  return { ids, purls, paths, images: [], ignored: true, by: 'trivyignore', reason };
}
