import type { Finding } from '../scan.ts';
import { compareFindings, findingKey } from './scan-diff.ts';

/**
 * Both sides' findings with one identifier for one vulnerability (CVE, else GHSA, else what there is), each vulnerability
 * once a package and place. An advisory that covers several CVEs (DSA, USN, RHSA) becomes one finding a CVE: sharing an
 * advisory never makes two CVEs one. Sorted by {@link compareFindings}.
 */
export function unifyFindings(
  before: readonly Finding[],
  after: readonly Finding[],
): { readonly before: readonly Finding[]; readonly after: readonly Finding[] } {
  const cves = new Map<string, Set<string>>();
  for (const finding of [...before, ...after]) learn(finding, cves);
  return { before: unique(before, cves), after: unique(after, cves) };
}

/** Which CVE an identifier of another kind stands for, where some finding says so and no two disagree. */
function learn(finding: Finding, cves: Map<string, Set<string>>): void {
  const own = cvesOf(finding);
  const [only] = own;
  if (own.length !== 1 || only === undefined) return;
  for (const id of identifiers(finding)) {
    if (isCve(id)) continue;
    const known = cves.get(id) ?? new Set();
    cves.set(id, known.add(only));
  }
}

function unique(
  findings: readonly Finding[],
  cves: ReadonlyMap<string, ReadonlySet<string>>,
): readonly Finding[] {
  const byKey = new Map<string, Finding>();
  for (const finding of findings) {
    for (const id of preferredIds(finding, cves)) {
      const others = identifiers(finding).filter((other) => other !== id && !(isCve(id) && isCve(other)));
      const named: Finding = { ...finding, id, aliases: others.sort() };
      const key = findingKey(named);
      const known = byKey.get(key);
      byKey.set(key, known === undefined ? named : merge(known, named));
    }
  }
  return [...byKey.values()].sort(compareFindings);
}

/** Two reports of one finding: the more severe speaks, aliases are joined. */
function merge(a: Finding, b: Finding): Finding {
  const [first, second] = compareFindings(a, b) <= 0 ? [a, b] : [b, a];
  const aliases = [...new Set([...first.aliases, ...second.aliases])].sort();
  return { ...first, aliases, fixedIn: first.fixedIn ?? second.fixedIn };
}

function preferredIds(finding: Finding, cves: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  if (isCve(finding.id)) return [finding.id];
  const own = cvesOf(finding);
  if (own.length > 0) return own;
  for (const id of identifiers(finding)) {
    const known = cves.get(id);
    const [only] = known ?? [];
    if (known?.size === 1 && only !== undefined) return [only];
  }
  return [identifiers(finding).find((id) => id.startsWith('GHSA-')) ?? finding.id];
}

function cvesOf(finding: Finding): readonly string[] {
  return isCve(finding.id) ? [finding.id] : [...new Set(finding.aliases.filter(isCve))].sort();
}

function identifiers(finding: Finding): string[] {
  return [...new Set([finding.id, ...finding.aliases])];
}

function isCve(id: string): boolean {
  return /^CVE-\d{4}-\d{4,}$/.test(id);
}
