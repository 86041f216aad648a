import { isIP } from 'node:net';

/** What kind of place an IP address is, as far as it matters for whether a registry may live there. */
export type AddressKind =
  | 'public'
  | 'loopback'
  | 'private'
  | 'link-local'
  | 'shared'
  | 'metadata'
  | 'multicast'
  | 'unspecified'
  | 'reserved';

type Range = readonly [base: string, bits: number, kind: AddressKind];

// IANA special-purpose registries, and the addresses clouds answer with credentials at. The first match counts.
const RANGES_4: readonly Range[] = [
  ['169.254.169.254', 32, 'metadata'],
  ['169.254.170.2', 32, 'metadata'],
  ['169.254.170.23', 32, 'metadata'],
  ['100.100.100.200', 32, 'metadata'],
  ['168.63.129.16', 32, 'metadata'],
  ['192.0.0.192', 32, 'metadata'],
  ['0.0.0.0', 32, 'unspecified'],
  ['0.0.0.0', 8, 'reserved'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'reserved'],
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'reserved'],
  ['198.51.100.0', 24, 'reserved'],
  ['203.0.113.0', 24, 'reserved'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
];

const RANGES_6: readonly Range[] = [
  ['fd00:ec2::254', 128, 'metadata'],
  ['fd00:ec2::23', 128, 'metadata'],
  ['fd20:ce::254', 128, 'metadata'],
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['64:ff9b:1::', 48, 'private'],
  ['2001::', 23, 'reserved'],
  ['2001:db8::', 32, 'reserved'],
  ['3fff::', 20, 'reserved'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'private'],
  ['ff00::', 8, 'multicast'],
];

/** Prefixes whose address is that of an IPv4 host: [prefix, bits, where the 32 bits start]. */
const EMBEDDED_4: readonly (readonly [base: string, bits: number, at: number])[] = [
  ['::ffff:0:0', 96, 96],
  ['::ffff:0:0:0', 96, 96],
  ['64:ff9b::', 96, 96],
  ['2002::', 16, 16],
];

const GLOBAL_UNICAST = ['2000::', 3] as const;

/**
 * The kind of an IP address in text (`10.0.0.1`, `::1`, `[::1]`, a zone after `%` is ignored). IPv4 inside IPv6
 * (mapped, translated, NAT64, 6to4) is judged as that IPv4 address. IPv6 outside 2000::/3, and whatever is no IP
 * address, is `reserved`. Pure.
 */
export function addressKind(text: string): AddressKind {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const zone = bare.indexOf('%');
  const address = zone < 0 ? bare : bare.slice(0, zone);
  const version = isIP(address);
  if (version === 4) return kind4(bytes4(address));
  if (version !== 6) return 'reserved';

  const bytes = bytes6(address);
  for (const [base, bits, at] of EMBEDDED_4) {
    if (!startsWith(bytes, bytes6(base), bits)) continue;
    return kind4(bytes.slice(at / 8, at / 8 + 4));
  }
  for (const [base, bits, kind] of RANGES_6) {
    if (startsWith(bytes, bytes6(base), bits)) return kind;
  }
  return startsWith(bytes, bytes6(GLOBAL_UNICAST[0]), GLOBAL_UNICAST[1]) ? 'public' : 'reserved';
}

/** The IP address a URL's hostname spells (`127.0.0.1`, `[::1]` → `::1`), or null where it is a name. */
export function literalAddress(hostname: string): string | null {
  const bare = hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? null : bare;
}

/**
 * The kind of place a host name stands for whatever DNS says (`localhost`, names of metadata services), or null.
 * For requests through a proxy, whose name look-ups cannot be seen.
 */
export function wellKnownName(hostname: string): AddressKind | null {
  const name = hostname.endsWith('.') ? hostname.slice(0, -1).toLowerCase() : hostname.toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  if (name === 'metadata.google.internal' || name === 'metadata' || name === 'instance-data')
    return 'metadata';
  return null;
}

function kind4(bytes: readonly number[]): AddressKind {
  for (const [base, bits, kind] of RANGES_4) {
    if (startsWith(bytes, bytes4(base), bits)) return kind;
  }
  return 'public';
}

function bytes4(address: string): readonly number[] {
  return address.split('.').map(Number);
}

/** The 16 bytes of a valid IPv6 address, its last 32 bits perhaps in dotted form. */
function bytes6(address: string): readonly number[] {
  const [head = '', tail] = address.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 16 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

function startsWith(bytes: readonly number[], base: readonly number[], bits: number): boolean {
  for (let i = 0; i * 8 < bits; i++) {
    const left = Math.min(8, bits - i * 8);
    const mask = (0xff << (8 - left)) & 0xff;
    if (((bytes[i] ?? 0) & mask) !== ((base[i] ?? 0) & mask)) return false;
  }
  return true;
}
