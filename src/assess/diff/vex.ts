import * as v from 'valibot';
import type { Suppression } from './suppression.ts';

const text = v.optional(v.nullable(v.string()));

const component = v.union([
  v.string(),
  v.looseObject({
    '@id': text,
    identifiers: v.optional(v.nullable(v.looseObject({ purl: text }))),
    subcomponents: v.optional(
      v.nullable(
        v.array(
          v.union([
            v.string(),
            v.looseObject({
              '@id': text,
              identifiers: v.optional(v.nullable(v.looseObject({ purl: text }))),
            }),
          ]),
        ),
      ),
    ),
  }),
]);

const openVex = v.looseObject({
  '@context': v.pipe(v.string(), v.startsWith('https://openvex.dev/')),
  statements: v.array(
    v.looseObject({
      vulnerability: v.union([
        v.string(),
        v.looseObject({ name: text, '@id': text, aliases: v.optional(v.nullable(v.array(v.string()))) }),
      ]),
      products: v.optional(v.nullable(v.array(component))),
      subcomponents: v.optional(v.nullable(v.array(v.string()))),
      status: v.string(),
      justification: text,
      impact_statement: text,
      status_notes: text,
    }),
  ),
});

const cycloneDxVex = v.looseObject({
  bomFormat: v.literal('CycloneDX'),
  components: v.optional(v.nullable(v.array(v.looseObject({ 'bom-ref': text, purl: text })))),
  vulnerabilities: v.array(
    v.looseObject({
      id: v.string(),
      references: v.optional(v.nullable(v.array(v.looseObject({ id: text })))),
      analysis: v.optional(v.nullable(v.looseObject({ state: text, justification: text, detail: text }))),
      affects: v.optional(v.nullable(v.array(v.looseObject({ ref: v.string() })))),
    }),
  ),
});

type Statement = v.InferOutput<typeof openVex>['statements'][number];
type Product = v.InferOutput<typeof component>;

/**
 * The statements of a VEX document (OpenVEX 0.2, CycloneDX 1.4+) in their order, or null where the document is neither.
 * Pure; never throws. Statements whose products cannot be told are left out: they must not silence anything.
 */
export function readVex(document: unknown): readonly Suppression[] | null {
  const open = v.safeParse(openVex, document);
  if (open.success) return open.output.statements.flatMap(fromStatement);
  const cyclone = v.safeParse(cycloneDxVex, document);
  return cyclone.success ? fromCycloneDx(cyclone.output) : null;
}

function fromStatement(statement: Statement): readonly Suppression[] {
  const { vulnerability } = statement;
  const ids =
    typeof vulnerability === 'string'
      ? [lastSegment(vulnerability)]
      : [vulnerability.name ?? lastSegment(vulnerability['@id'] ?? ''), ...(vulnerability.aliases ?? [])];
  const base = {
    ids: ids.filter((id) => id !== ''),
    paths: [],
    ignored: statement.status === 'not_affected' || statement.status === 'fixed',
    by: 'vex' as const,
    reason: (
      statement.impact_statement ||
      statement.status_notes ||
      statement.justification ||
      ''
    ).replaceAll('_', ' '),
  };
  return (statement.products ?? []).flatMap((product): Suppression[] => {
    const own = purlOf(product);
    if (own === null) return [];
    const parts = typeof product === 'string' ? [] : (product.subcomponents ?? []).map(purlOf);
    const purls = [...parts, ...(statement.subcomponents ?? [])].filter((purl) => purl?.startsWith('pkg:'));
    const named = purls.filter((purl) => purl !== null && purl !== undefined);
    // Subcomponents that are no package URLs would widen the statement to the whole product: left out instead.
    if (named.length < parts.length) return [];
    if (own.startsWith('pkg:oci/') || own.startsWith('pkg:docker/'))
      return [{ ...base, images: [own], purls: named }];
    return [{ ...base, images: [], purls: named.length > 0 ? named : [own] }];
  });
}

function purlOf(product: Product): string | null {
  const candidates =
    typeof product === 'string' ? [product] : [product.identifiers?.purl ?? '', product['@id'] ?? ''];
  return candidates.find((candidate) => candidate.startsWith('pkg:')) ?? null;
}

function fromCycloneDx(document: v.InferOutput<typeof cycloneDxVex>): readonly Suppression[] {
  const purls = new Map<string, string>();
  for (const item of document.components ?? []) {
    if (item['bom-ref'] && item.purl) purls.set(item['bom-ref'], item.purl);
  }
  return document.vulnerabilities.flatMap((item): Suppression[] => {
    const state = item.analysis?.state;
    if (!state) return [];
    const refs = (item.affects ?? []).map((affected) => toPurl(affected.ref, purls));
    const known = refs.filter((purl) => purl !== null);
    if (known.length === 0) return [];
    const images = known.filter((purl) => purl.startsWith('pkg:oci/') || purl.startsWith('pkg:docker/'));
    const base = {
      ids: [item.id, ...(item.references ?? []).flatMap((reference) => reference.id ?? [])],
      paths: [],
      ignored: ['not_affected', 'false_positive', 'resolved', 'resolved_with_pedigree'].includes(state),
      by: 'vex' as const,
      reason: (item.analysis?.detail || item.analysis?.justification || '').replaceAll('_', ' '),
    };
    const packages = known.filter((purl) => !images.includes(purl));
    return [
      ...(images.length > 0 ? [{ ...base, images, purls: [] }] : []),
      ...(packages.length > 0 ? [{ ...base, images: [], purls: packages }] : []),
    ];
  });
}

/** A `bom-ref`, a BOM-Link `urn:cdx:serial/version#bom-ref`, or a purl as either. */
function toPurl(ref: string, purls: ReadonlyMap<string, string>): string | null {
  const own = ref.startsWith('urn:cdx:') ? decode(ref.slice(ref.indexOf('#') + 1)) : ref;
  return own.startsWith('pkg:') ? own : (purls.get(own) ?? null);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function lastSegment(text: string): string {
  return text.split('/').at(-1) ?? '';
}
