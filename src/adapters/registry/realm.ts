import { type Endpoint, type Endpoints, sameMachine } from './endpoint.ts';

/**
 * Domains under which unrelated parties have hosts: two of their sub-domains have nothing in common. Not the whole
 * public suffix list: what is missing here makes credentials reach a host that the registry itself named over TLS.
 */
const SHARED_DOMAINS: ReadonlySet<string> = new Set([
  'amazonaws.com',
  'azurecr.io',
  'azurewebsites.net',
  'cloudapp.net',
  'cloudfront.net',
  'fly.dev',
  'github.io',
  'gitlab.io',
  'herokuapp.com',
  'jfrog.io',
  'netlify.app',
  'ngrok.io',
  'onrender.com',
  'pages.dev',
  'pkg.dev',
  'run.app',
  'vercel.app',
  'web.app',
  'workers.dev',
]);
/** `co` in `example.co.uk`: second levels under which countries register names. */
const REGISTRY_LABELS: ReadonlySet<string> = new Set([
  'ac',
  'co',
  'com',
  'edu',
  'go',
  'gob',
  'gov',
  'ne',
  'net',
  'or',
  'org',
]);

/** Registries whose token server is in another domain: [registry or its parent domain, realm's host]. */
const KNOWN_REALMS: readonly (readonly [registry: string, realm: string])[] = [
  ['scw.cloud', 'api.scaleway.com'],
  ['dhi.io', 'auth.docker.io'],
];

/**
 * Whether the registry's credentials may go to the token server it named. Only by https (plain http on the registry's
 * own machine, where the operator allowed plain http), and only to
 * - the registry's own host,
 * - a host of the same domain: the registry's parent domain, or below it (`registry.gitlab.com` → `gitlab.com`,
 *   `registry-1.docker.io` → `auth.docker.io`), unless many parties share that domain (`a.azurecr.io`, `b.azurecr.io`),
 * - a realm known to belong to that registry,
 * - a host that the operator lists in the registries file.
 * Any other realm is asked for an anonymous token. Pure.
 */
export function mayReceiveCredentials(realm: URL, endpoint: Endpoint, endpoints: Endpoints): boolean {
  const registry = new URL(endpoint.origin);
  if (sameMachine(realm.hostname, registry.hostname)) {
    return realm.protocol === 'https:' || registry.protocol === 'http:' || endpoints.lists(realm);
  }
  if (endpoints.lists(realm)) return true;
  if (realm.protocol !== 'https:') return false;
  return inSameDomain(realm.hostname, registry.hostname) || isKnown(realm.hostname, registry.hostname);
}

function inSameDomain(realm: string, registry: string): boolean {
  if (isUnder(realm, registry)) return isOwned(registry);
  const parent = registry.slice(registry.indexOf('.') + 1);
  return isOwned(parent) && (realm === parent || isUnder(realm, parent));
}

/** Whether a domain is one party's: two labels or more, and nobody else registers names in it as far as known. */
function isOwned(domain: string): boolean {
  const labels = domain.split('.');
  if (labels.length < 2 || /^[\d.:[\]]+$/.test(domain)) return false;
  if (SHARED_DOMAINS.has(domain) || [...SHARED_DOMAINS].some((shared) => isRegionOf(domain, shared)))
    return false;
  const [second = '', top = ''] = labels.slice(-2);
  return !(labels.length === 2 && top.length === 2 && REGISTRY_LABELS.has(second));
}

/** `eu-west-1.amazonaws.com`, `ecr.eu-west-1.amazonaws.com`: still shared. */
function isRegionOf(domain: string, shared: string): boolean {
  return shared === 'amazonaws.com' && isUnder(domain, shared);
}

function isKnown(realm: string, registry: string): boolean {
  return KNOWN_REALMS.some(([at, host]) => host === realm && (registry === at || isUnder(registry, at)));
}

function isUnder(host: string, domain: string): boolean {
  return host.endsWith(`.${domain}`);
}
