import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { addressKind } from '../../../src/adapters/registry/address.ts';

const cases: readonly (readonly [address: string, kind: string])[] = [
  ['8.8.8.8', 'public'],
  ['1.0.0.1', 'public'],
  ['172.15.255.255', 'public'],
  ['172.32.0.0', 'public'],
  ['100.63.255.255', 'public'],
  ['100.128.0.0', 'public'],
  ['192.0.1.0', 'public'],
  ['2606:4700::6810:84e5', 'public'],
  ['2a00:1450:4001:82b::200e', 'public'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.255', 'loopback'],
  ['::1', 'loopback'],
  ['[::1]', 'loopback'],
  ['10.0.0.0', 'private'],
  ['172.16.0.0', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.255.255', 'private'],
  ['fc00::1', 'private'],
  ['fdff:ffff::1', 'private'],
  ['fec0::1', 'private'],
  ['64:ff9b:1::1', 'private'],
  ['100.64.0.1', 'shared'],
  ['100.127.255.255', 'shared'],
  ['169.254.0.1', 'link-local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['169.254.169.254', 'metadata'],
  ['169.254.170.2', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  ['0.0.0.0', 'unspecified'],
  ['::', 'unspecified'],
  ['224.0.0.1', 'multicast'],
  ['ff02::1', 'multicast'],
  ['0.1.2.3', 'reserved'],
  ['192.0.0.8', 'reserved'],
  ['192.0.2.1', 'reserved'],
  ['198.19.0.1', 'reserved'],
  ['198.51.100.1', 'reserved'],
  ['203.0.113.1', 'reserved'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'reserved'],
  ['2001:db8::1', 'reserved'],
  ['2001::1', 'reserved'],
  ['3fff::1', 'reserved'],
  ['4000::1', 'reserved'],
  ['::127.0.0.1', 'reserved'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::ffff:8.8.8.8', 'public'],
  ['::ffff:0:10.0.0.1', 'private'],
  ['64:ff9b::169.254.169.254', 'metadata'],
  ['64:ff9b::8.8.8.8', 'public'],
  ['2002:7f00:1::', 'loopback'],
  ['2002:a00:1::1', 'private'],
  ['2002:808:808::1', 'public'],
  ['', 'reserved'],
  ['localhost', 'reserved'],
  ['1.2.3', 'reserved'],
  ['1.2.3.4.5', 'reserved'],
];

it.each(cases)('%s is %s', (address, kind) => {
  expect(addressKind(address)).toBe(kind);
});

describe('agrees with an independent classification', () => {
  it('for IPv4, and for the same address inside IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const kind = addressKind(address);
        const range = ipaddr.IPv4.parse(address).range();
        if (range !== 'unicast') expect(kind, range).not.toBe('public');
        const hex = ipaddr.IPv4.parse(address).toIPv4MappedAddress().toNormalizedString();
        expect(addressKind(hex)).toBe(kind);
        expect(addressKind(`::ffff:${address}`)).toBe(kind);
        expect(addressKind(`64:ff9b::${address}`)).toBe(kind);
      }),
      { numRuns: 500 },
    );
  });

  it('for IPv6 in any spelling', () => {
    const embedding = new Set(['ipv4Mapped', 'rfc6145', 'rfc6052', '6to4']);
    fc.assert(
      // The other parser reads ::1.2.3.4 as a mapped address, so only groups of hex are compared.
      fc.property(
        fc.ipV6().filter((text) => !text.includes('.')),
        (address) => {
          const parsed = ipaddr.IPv6.parse(address);
          const kind = addressKind(address);
          expect(addressKind(parsed.toNormalizedString())).toBe(kind);
          expect(addressKind(parsed.toString())).toBe(kind);
          const range = parsed.range();
          if (range !== 'unicast' && !embedding.has(range)) expect(kind, range).not.toBe('public');
        },
      ),
      { numRuns: 500 },
    );
  });
});
