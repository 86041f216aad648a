import type { CompleteSbom } from '../../assess/sbom/complete-sbom.ts';
import { purlWithoutVersion } from '../../assess/sbom/purl.ts';
import { OS_PACKAGE_TYPES, type SbomPackage } from '../../assess/sbom/sbom.ts';
import type { Finding, ScannerIdentity } from '../../assess/scan.ts';
import { type Scanner, ScannerError, type ScannerReport, type ScanSubject } from '../../assess/scanner.ts';
import { nextFix } from '../../assess/version/compare-version.ts';
import { type OsvQuery, osvQuery } from './osv-query.ts';
import {
  affectedBy,
  fixedVersions,
  type OsvVulnerability,
  osvBatchSchema,
  osvSeverity,
  osvVulnerabilitySchema,
} from './osv-report.ts';
import { readJson } from './read-json.ts';

/** One HTTP request, made by the caller's client: with its timeouts, retries, size cap and proxy. Throws on a failure. */
export type HttpRequest = (request: {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body: string | null;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}) => Promise<{ readonly status: number; readonly text: string }>;

/** Details of vulnerabilities by id and time of change; losing it costs requests only. */
export interface OsvCache {
  get(key: string): Promise<string | null>;
  set(key: string, text: string): Promise<void>;
}

export type OsvOptions = {
  readonly http: HttpRequest;
  readonly cache: OsvCache;
  /** `https://api.osv.dev` */
  readonly baseUrl: string;
};

type Hit = { readonly id: string; readonly modified: string };
type Asked = { readonly item: SbomPackage; readonly query: OsvQuery };

const BATCH = 1000;
const MAX_PAGES = 100;
const MAX_BATCH_BYTES = 32 * 1024 * 1024;
const MAX_DETAIL_BYTES = 4 * 1024 * 1024;
const AT_ONCE = 8;

/**
 * OSV.dev as a scanner of SBOMs (google.github.io/osv.dev): nothing to install. Packages are asked for in batches over
 * all pages; details are fetched once for an id and time of change. The service has no database date.
 */
export class OsvScanner implements Scanner {
  readonly name = 'osv';
  readonly scanImage = null;
  readonly #options: OsvOptions;

  constructor(options: OsvOptions) {
    this.#options = options;
  }

  async prepare(): Promise<ScannerIdentity> {
    return { name: 'osv', version: 'v1', database: null };
  }

  async scanSbom(sbom: CompleteSbom, _subject: ScanSubject, signal: AbortSignal): Promise<ScannerReport> {
    const asked = sbom.packages.flatMap((item): Asked[] => {
      const query = osvQuery(item, sbom.os);
      return query === null ? [] : [{ item, query }];
    });
    const unknown = sbom.packages.some(
      (item) => OS_PACKAGE_TYPES.has(item.type) && osvQuery(item, sbom.os) === null,
    );
    if (asked.length === 0 || unknown) {
      const what = sbom.os === null ? 'these packages' : `${sbom.os.id} ${sbom.os.version}`;
      throw new ScannerError({ code: 'unsupported', message: `OSV.dev has no data for ${what}` });
    }
    const hits = await this.#queryAll(asked, signal);
    const details = await this.#details(hits.flat(), signal);
    const findings = asked.flatMap((one, index) =>
      (hits[index] ?? []).flatMap((hit) => {
        const vulnerability = details.get(hit.id);
        return vulnerability === undefined || vulnerability.withdrawn ? [] : [toFinding(one, vulnerability)];
      }),
    );
    return { scanner: await this.prepare(), findings, packages: sbom.packages, os: sbom.os };
  }

  async #queryAll(asked: readonly Asked[], signal: AbortSignal): Promise<readonly (readonly Hit[])[]> {
    const hits: Hit[][] = asked.map(() => []);
    for (let start = 0; start < asked.length; start += BATCH) {
      const slice = asked.slice(start, start + BATCH);
      let open = slice.map((one, offset) => ({ index: start + offset, body: one.query.body }));
      for (let page = 0; open.length > 0; page++) {
        if (page >= MAX_PAGES) throw malformed('OSV.dev never sent a last page');
        const results = await this.#queryBatch(
          open.map((one) => one.body),
          signal,
        );
        const next: typeof open = [];
        for (const [i, one] of open.entries()) {
          const result = results[i];
          for (const vulnerability of result?.vulns ?? []) {
            hits[one.index]?.push({ id: vulnerability.id, modified: vulnerability.modified ?? '' });
          }
          const token = result?.next_page_token;
          const query = asked[one.index]?.query;
          if (token && query) next.push({ index: one.index, body: { ...query.body, page_token: token } });
        }
        open = next;
      }
    }
    return hits;
  }

  async #queryBatch(queries: readonly unknown[], signal: AbortSignal) {
    const url = `${this.#options.baseUrl}/v1/querybatch`;
    const text = await this.#request('POST', url, JSON.stringify({ queries }), MAX_BATCH_BYTES, signal);
    const { results } = readJson('OSV.dev', text, osvBatchSchema);
    if (results.length !== queries.length) {
      throw malformed(`OSV.dev answered ${results.length} of ${queries.length} queries`);
    }
    return results;
  }

  async #details(hits: readonly Hit[], signal: AbortSignal): Promise<ReadonlyMap<string, OsvVulnerability>> {
    const wanted = [...new Map(hits.map((hit) => [hit.id, hit])).values()];
    const details = new Map<string, OsvVulnerability>();
    const workers = Array.from({ length: Math.min(AT_ONCE, wanted.length) }, async (_, worker) => {
      for (let i = worker; i < wanted.length; i += AT_ONCE) {
        const hit = wanted[i];
        if (hit !== undefined) details.set(hit.id, await this.#detail(hit, signal));
      }
    });
    await Promise.all(workers);
    return details;
  }

  async #detail(hit: Hit, signal: AbortSignal): Promise<OsvVulnerability> {
    const key = `${hit.id} ${hit.modified}`;
    const cached = hit.modified === '' ? null : await this.#options.cache.get(key);
    if (cached !== null) return readJson('the cache of OSV.dev', cached, osvVulnerabilitySchema);
    const url = `${this.#options.baseUrl}/v1/vulns/${encodeURIComponent(hit.id)}`;
    const text = await this.#request('GET', url, null, MAX_DETAIL_BYTES, signal);
    const vulnerability = readJson('OSV.dev', text, osvVulnerabilitySchema);
    if (vulnerability.id !== hit.id)
      throw malformed(`OSV.dev answered ${vulnerability.id} instead of ${hit.id}`);
    if (hit.modified !== '') await this.#options.cache.set(key, text);
    return vulnerability;
  }

  async #request(
    method: 'GET' | 'POST',
    url: string,
    body: string | null,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<string> {
    const answer = await this.#options
      .http({ method, url, body, maxBytes, signal })
      .catch((cause: unknown) => {
        if (cause instanceof ScannerError) throw cause;
        const message = cause instanceof Error ? cause.message : 'unreachable';
        throw new ScannerError({
          code: 'unavailable',
          message: `OSV.dev: ${message}`,
          temporary: true,
          cause,
        });
      });
    if (answer.status === 200) return answer.text;
    throw new ScannerError({
      code: 'unavailable',
      message: `OSV.dev answered ${answer.status} to ${method} ${new URL(url).pathname}`,
      temporary: answer.status === 429 || answer.status >= 500,
    });
  }
}

function toFinding({ item, query }: Asked, vulnerability: OsvVulnerability): Finding {
  const affected = affectedBy(vulnerability, query);
  const { severity, source } = osvSeverity(vulnerability, affected);
  const others = [...(vulnerability.aliases ?? []), ...(vulnerability.upstream ?? [])];
  return {
    id: vulnerability.id,
    aliases: [...new Set(others)].filter((id) => id !== vulnerability.id).sort(),
    package: item.name,
    purl: purlWithoutVersion(item.purl),
    location: item.location,
    installed: item.version,
    fixedIn: nextFix(item.type, item.version, fixedVersions(affected)),
    severity,
    severitySource: source,
    title: vulnerability.summary || (vulnerability.details ?? '').split('\n')[0]?.slice(0, 200) || '',
    url: `https://osv.dev/vulnerability/${encodeURIComponent(vulnerability.id)}`,
  };
}

function malformed(message: string): ScannerError {
  return new ScannerError({ code: 'malformed-output', message });
}
