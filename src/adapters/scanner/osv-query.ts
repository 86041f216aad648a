import { formatPurl, parsePurl } from '../../assess/sbom/purl.ts';
import type { OsRelease, SbomPackage } from '../../assess/sbom/sbom.ts';
import type { OsvPackage } from './osv-report.ts';

/** One question to OSV: by ecosystem, name and version, or by a versioned purl (never both, that is an error there). */
export type OsvQuery = OsvPackage & {
  readonly body: Readonly<Record<string, unknown>>;
};

const LANGUAGES: ReadonlyMap<string, string> = new Map([
  ['npm', 'npm'],
  ['pypi', 'PyPI'],
  ['golang', 'Go'],
  ['maven', 'Maven'],
  ['cargo', 'crates.io'],
  ['gem', 'RubyGems'],
  ['nuget', 'NuGet'],
  ['composer', 'Packagist'],
  ['hex', 'Hex'],
  ['pub', 'Pub'],
  ['hackage', 'Hackage'],
  ['cran', 'CRAN'],
]);

/**
 * The question for one package of an image, or null where OSV knows nothing of its kind. Distributions are asked by
 * source package and release (`Debian:12`), as their advisories are filed (ossf.github.io/osv-schema, defined ecosystems).
 */
export function osvQuery(item: SbomPackage, os: OsRelease | null): OsvQuery | null {
  const purl = parsePurl(item.purl);
  if (purl === null || item.version === '') return null;
  const language = LANGUAGES.get(purl.type);
  if (language !== undefined) {
    const name =
      purl.namespace === null
        ? purl.name
        : `${purl.namespace}${purl.type === 'maven' ? ':' : '/'}${purl.name}`;
    const versioned = formatPurl({ ...purl, version: item.version, qualifiers: {} });
    return { name, ecosystem: language, body: { package: { purl: versioned } } };
  }
  const ecosystem = os === null ? null : distribution(os);
  if (ecosystem === null) return null;
  const bySource = purl.type === 'deb' || purl.type === 'apk';
  const name = bySource ? (item.source?.name ?? item.name) : item.name;
  const version = bySource ? (item.source?.version ?? item.version) : item.version;
  return { name, ecosystem, body: { package: { name, ecosystem }, version } };
}

/** `Debian:12`, `Ubuntu:22.04:LTS`, `Alpine:v3.20`, `Rocky Linux:9`, … Null for a distribution OSV does not have. */
function distribution(os: OsRelease): string | null {
  const [major = '', minor = ''] = os.version.split('.');
  switch (os.id) {
    case 'debian':
      return `Debian:${major}`;
    case 'ubuntu':
      return `Ubuntu:${major}.${minor}${Number(major) % 2 === 0 && minor === '04' ? ':LTS' : ''}`;
    case 'alpine':
      return `Alpine:v${major}.${minor}`;
    case 'rocky':
      return `Rocky Linux:${major}`;
    case 'almalinux':
    case 'alma':
      return `AlmaLinux:${major}`;
    case 'wolfi':
      return 'Wolfi';
    case 'chainguard':
      return 'Chainguard';
    default:
      return null;
  }
}
