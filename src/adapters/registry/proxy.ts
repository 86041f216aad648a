import { BlockList, isIP } from 'node:net';
import { addressKind, literalAddress, wellKnownName } from './address.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL by the usual variables (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, lower case first), or null.
 * As in curl and Go: `NO_PROXY` lists hosts (with their sub-domains), `.suffixes`, `*.suffixes`, `host:port`,
 * IP addresses, CIDR ranges, or `*`; the loopback is never proxied.
 */
export function proxyFor(url: URL, env: Environment): string | null {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const proxy = read(env, name) || read(env, 'all_proxy');
  if (proxy === '') return null;
  const literal = literalAddress(url.hostname);
  const loopback =
    literal === null ? wellKnownName(url.hostname) === 'loopback' : addressKind(literal) === 'loopback';
  if (loopback || isExempt(url, literal, read(env, 'no_proxy'))) return null;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function read(env: Environment, name: string): string {
  return (env[name] ?? env[name.toUpperCase()] ?? '').trim();
}

function isExempt(url: URL, literal: string | null, noProxy: string): boolean {
  const host = (literal ?? url.hostname).toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return noProxy
    .split(/[,\s]/)
    .filter((entry) => entry !== '')
    .some((entry) => matches(entry.toLowerCase(), host, port, literal));
}

function matches(entry: string, host: string, port: string, literal: string | null): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return literal !== null && inRange(entry, literal);
  const bracket = entry.startsWith('[') ? entry.indexOf(']') : -1;
  const colon = isIP(entry) === 6 ? -1 : entry.indexOf(':', bracket + 1);
  if (colon >= 0 && entry.slice(colon + 1) !== port) return false;
  const spelled = colon < 0 ? entry : entry.slice(0, colon);
  const name = bracket >= 0 ? spelled.slice(1, -1) : spelled;
  if (name.startsWith('*.')) return host.endsWith(name.slice(1));
  if (name.startsWith('.')) return host.endsWith(name);
  return host === name || (literal === null && host.endsWith(`.${name}`));
}

function inRange(cidr: string, address: string): boolean {
  const slash = cidr.indexOf('/');
  const base = cidr.slice(0, slash);
  const bits = Number(cidr.slice(slash + 1));
  const version = isIP(base);
  if (version === 0 || version !== isIP(address)) return false;
  if (!Number.isInteger(bits) || bits < 0 || bits > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const range = new BlockList();
  range.addSubnet(base, bits, family);
  return range.check(address, family);
}
