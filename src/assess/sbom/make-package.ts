import { type Purl, parsePurl } from './purl.ts';
import { OS_PACKAGE_TYPES, type OsRelease, type SbomPackage } from './sbom.ts';

/** Things SBOMs list with a purl that are no installed packages. */
const NOT_PACKAGES: ReadonlySet<string> = new Set(['oci', 'docker', 'github', 'generic']);

/**
 * A package from an SBOM's entry; null where the purl is none or names no installed package. The purl speaks first
 * for name and version, except where it loses upper case. Source package: what the entry says, else the purl's `upstream`.
 */
export function makePackage(entry: {
  readonly purl: string;
  readonly name: string;
  readonly version: string;
  readonly source: { readonly name: string; readonly version: string | null } | null;
  readonly location: string | null;
}): SbomPackage | null {
  const purl = parsePurl(entry.purl);
  if (purl === null || NOT_PACKAGES.has(purl.type)) return null;
  // RPM's database keeps imported keys as packages.
  if (purl.type === 'rpm' && purl.name === 'gpg-pubkey') return null;
  const isOsPackage = OS_PACKAGE_TYPES.has(purl.type);
  return {
    name: isOsPackage ? purl.name : entry.name,
    version: versionOf(purl, entry.version),
    type: purl.type,
    purl: entry.purl,
    source: isOsPackage ? (entry.source ?? upstreamOf(purl)) : null,
    location: isOsPackage ? null : entry.location,
  };
}

/** The distribution most of the packages' purls name (`distro=debian-12`, Docker Scout's `os_name` and `os_version`). */
export function majorityOs(packages: readonly SbomPackage[]): OsRelease | null {
  const votes = new Map<string, { readonly os: OsRelease; count: number }>();
  for (const item of packages) {
    if (!OS_PACKAGE_TYPES.has(item.type)) continue;
    const purl = parsePurl(item.purl);
    const os = purl === null ? null : osOf(purl);
    if (os === null) continue;
    const key = `${os.id} ${os.version}`;
    const vote = votes.get(key) ?? { os, count: 0 };
    vote.count += 1;
    votes.set(key, vote);
  }
  const best = [...votes.values()].sort((a, b) => b.count - a.count)[0];
  return best?.os ?? null;
}

function osOf(purl: Purl): OsRelease | null {
  const { distro, os_name: name, os_version: version } = purl.qualifiers;
  if (name !== undefined && version !== undefined) return { id: name.toLowerCase(), version };
  if (distro === undefined) return null;
  // `opensuse-leap-15.6`: the version is what stands behind the last dash and begins with a digit.
  const dash = distro.lastIndexOf('-');
  if (dash <= 0 || !/^\d/.test(distro.slice(dash + 1))) return null;
  return { id: distro.slice(0, dash).toLowerCase(), version: distro.slice(dash + 1) };
}

/** RPM keeps the epoch in a qualifier; Debian and others in the version itself. */
function versionOf(purl: Purl, written: string): string {
  const version = purl.version ?? written;
  const epoch = purl.qualifiers['epoch'];
  return purl.type === 'rpm' && epoch !== undefined && epoch !== '0' && !version.includes(':')
    ? `${epoch}:${version}`
    : version;
}

/** `upstream=glibc`, `upstream=gcc-12@12.2.0-14`, for RPM `upstream=openssl-3.0.7-27.el9.src.rpm` (Syft). */
function upstreamOf(purl: Purl): { name: string; version: string | null } | null {
  const upstream = purl.qualifiers['upstream'];
  if (upstream === undefined || upstream === '') return null;
  if (purl.type === 'rpm') {
    const parts = upstream.replace(/\.(?:no)?src\.rpm$/, '').split('-');
    if (parts.length < 3) return { name: upstream, version: null };
    return { name: parts.slice(0, -2).join('-'), version: parts.slice(-2).join('-') };
  }
  const at = upstream.indexOf('@');
  return at < 0
    ? { name: upstream, version: null }
    : { name: upstream.slice(0, at), version: upstream.slice(at + 1) };
}
