import type { Finding } from '../assess/scan.ts';
import { messageOf, type Result } from '../domain/errors.ts';
import { type TaggedImage, tagKey } from '../domain/image-reference.ts';
import { isRecord } from '../domain/record.ts';
import { compareText } from '../domain/text.ts';
import { findException } from './exceptions.ts';
import type { Exception } from './rules.ts';

/** One accepted CRITICAL of one image. */
export type BaselineEntry = {
  readonly id: string;
  readonly package: string;
};

/** The accepted CRITICALs by image and tag (`docker.io/library/python:3.11`). */
export type Baseline = ReadonlyMap<string, readonly BaselineEntry[]>;

const VERSION = 1;
const MAX_CHARACTERS = 4 * 1024 * 1024;

/**
 * Reads `.github/pinwheel-baseline.json`: `{"version": 1, "images": {"docker.io/library/python:3.11": [{"id", "package"}]}}`.
 * The fault is one sentence that names the place. Pure; never throws.
 */
export function parseBaseline(text: string): Result<Baseline, string> {
  if (text.length > MAX_CHARACTERS) return fault(`longer than ${MAX_CHARACTERS} characters`);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return fault(`not JSON: ${messageOf(error)}`);
  }
  if (!isRecord(data)) return fault('expected an object with "version" and "images"');
  if (data['version'] !== VERSION) return fault(`"version" must be ${VERSION}`);
  const images = data['images'];
  if (!isRecord(images)) return fault('"images" must be an object');
  const baseline = new Map<string, readonly BaselineEntry[]>();
  for (const [image, list] of Object.entries(images)) {
    if (!Array.isArray(list)) return fault(`"images" → ${JSON.stringify(image)} must be a list`);
    const entries: BaselineEntry[] = [];
    for (const [index, item] of list.entries()) {
      const id: unknown = isRecord(item) ? item['id'] : undefined;
      const name: unknown = isRecord(item) ? item['package'] : undefined;
      if (typeof id !== 'string' || id === '' || typeof name !== 'string') {
        return fault(
          `"images" → ${JSON.stringify(image)}, entry ${index + 1}: expected "id" and "package" as strings`,
        );
      }
      entries.push({ id, package: name });
    }
    baseline.set(image, sortEntries(entries));
  }
  return { ok: true, value: baseline };
}

/** The file's text: sorted, one finding a line, so that a change is one line in a review. Ends with a newline. */
export function renderBaseline(baseline: Baseline): string {
  const images = [...baseline.entries()]
    .filter(([, entries]) => entries.length > 0)
    .sort(([a], [b]) => compareText(a, b))
    .map(([image, entries]) => {
      const lines = sortEntries(entries).map(
        (entry) => `      {"id": ${JSON.stringify(entry.id)}, "package": ${JSON.stringify(entry.package)}}`,
      );
      return `    ${JSON.stringify(image)}: [\n${lines.join(',\n')}\n    ]`;
    });
  const body = images.length === 0 ? '{}' : `{\n${images.join(',\n')}\n  }`;
  return `{\n  "version": ${VERSION},\n  "images": ${body}\n}\n`;
}

/** The baseline that accepts exactly today's CRITICALs: what a pull request that updates it proposes. */
export function baselineOf(
  pins: readonly { readonly image: TaggedImage; readonly findings: readonly Finding[] }[],
): Baseline {
  const images = new Map<string, BaselineEntry[]>();
  for (const { image, findings } of pins) {
    const entries = images.get(tagKey(image)) ?? [];
    for (const finding of findings) {
      if (finding.severity === 'critical') entries.push({ id: finding.id, package: finding.package });
    }
    images.set(tagKey(image), entries);
  }
  return new Map([...images].map(([image, entries]) => [image, sortEntries(entries)]));
}

/**
 * The CRITICALs of an image that neither the baseline nor an exception in force accepts. An entry counts for its id or
 * any alias in the same package. Pure.
 */
export function newCriticals(
  image: TaggedImage,
  findings: readonly Finding[],
  baseline: Baseline,
  exceptions: readonly Exception[],
  asOf: Date,
): readonly Finding[] {
  const accepted = new Set(
    (baseline.get(tagKey(image)) ?? []).map((entry) => `${entry.id.toLowerCase()}\n${entry.package}`),
  );
  return findings.filter((finding) => {
    if (finding.severity !== 'critical') return false;
    const ids = [finding.id, ...finding.aliases];
    if (ids.some((id) => accepted.has(`${id.toLowerCase()}\n${finding.package}`))) return false;
    return findException(finding, image, exceptions, asOf).state !== 'recorded';
  });
}

function sortEntries(entries: readonly BaselineEntry[]): readonly BaselineEntry[] {
  const unique = new Map(entries.map((entry) => [`${entry.id}\n${entry.package}`, entry]));
  return [...unique.values()].sort((a, b) => compareText(a.id, b.id) || compareText(a.package, b.package));
}

function fault(message: string): { readonly ok: false; readonly fault: string } {
  return { ok: false, fault: message };
}
