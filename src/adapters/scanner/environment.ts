import { readFileSync } from 'node:fs';
import type { ImageAccess } from './image-access.ts';
import { dockerConfig, type Workspace } from './workspace.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a program needs to find its files and the network. Nothing else of ours reaches it: no tokens, no keys. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
] as const;

/** Which of the operator's variables reach a scanner. */
export type ScannerVariables = {
  /** What their names begin with, `TRIVY_`: cache, database, offline, … */
  readonly prefixes: readonly string[];
  /** Those that would change which image is read, or where and how the report is written: these are ours to say. */
  readonly withheld: readonly string[];
};

/** The environment of a scanner: what programs need, and its own `variables`. TMPDIR is the scan's own folder. */
export function scannerEnvironment(
  env: Environment,
  { prefixes, withheld }: ScannerVariables,
  workspace: Workspace,
): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = env[name];
    if (value !== undefined) passed[name] = value;
  }
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || withheld.includes(name)) continue;
    if (prefixes.some((prefix) => name.startsWith(prefix))) passed[name] = value;
  }
  passed['TMPDIR'] = workspace.folder;
  return passed;
}

/**
 * Adds what is needed to read the image: a private Docker configuration with the credentials of that registry alone,
 * and the operator's certificates beside the system's.
 */
export async function withRegistryAccess(
  env: Record<string, string>,
  access: ImageAccess,
  workspace: Workspace,
): Promise<Record<string, string>> {
  await workspace.write('config.json', dockerConfig(access));
  const extended = { ...env, DOCKER_CONFIG: workspace.folder };
  if (access.ca === null) return extended;
  const system = readSystemCertificates(env['SSL_CERT_FILE']);
  const path = await workspace.write('certificates.pem', `${system}\n${access.ca}\n`);
  return { ...extended, SSL_CERT_FILE: path };
}

const SYSTEM_CERTIFICATES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
] as const;

function readSystemCertificates(own: string | undefined): string {
  for (const path of own === undefined ? SYSTEM_CERTIFICATES : [own]) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // Another distribution keeps them elsewhere.
    }
  }
  return '';
}
