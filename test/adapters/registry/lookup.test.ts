import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import nock from 'nock';
import { beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedRegistry } from '../../support/registry/embedded-registry.ts';
import { registryEntry } from '../../support/registry-entry.ts';
import { failure, testClient } from './client.ts';

// The names are answered by these tests and lead nowhere but to the loopback.
beforeEach(() => nock.enableNetConnect(/^(127\.0\.0\.1|[a-z]+\.test)(:|$)/));

const answering =
  (...addresses: string[]): LookupFunction =>
  (_hostname, _options, callback) => {
    const found: LookupAddress[] = addresses.map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    callback(null, found);
  };

describe('what a name resolves to', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['10.20.30.40', 'private'],
    ['169.254.169.254', 'metadata'],
    ['100.64.1.1', 'shared'],
    ['fe80::1', 'link-local'],
    ['::ffff:192.168.0.1', 'private'],
    ['0.0.0.0', 'unspecified'],
  ])('%s is refused as %s', async (address, kind) => {
    const { registry } = testClient({ lookup: answering(address) });
    const error = await failure(registry.resolveTag({ registry: 'evil.test', repository: 'a', tag: '1' }));
    expect(error).toMatchObject({ code: 'address-refused', temporary: false });
    expect(error.message).toContain(`${address} is a ${kind} address`);
    await registry.close();
  });

  it('is connected to where the operator allows it', async () => {
    const embedded = await startEmbeddedRegistry();
    const { top } = embedded.pushImage('app', '1');
    const host = `inside.test:${embedded.host.split(':')[1]}`;
    const settings = { registries: [registryEntry(host, { plainHttp: true, allowPrivate: true })] };
    const { registry } = testClient({ settings, lookup: answering('127.0.0.1') });
    const image = { registry: host, repository: 'app', tag: '1' };
    expect((await registry.resolveTag(image)).digest).toBe(top.digest);
    await registry.close();
    await embedded.close();
  });

  it('may not be the metadata service, even where private addresses are allowed', async () => {
    const settings = { registries: [registryEntry('inside.test', { allowPrivate: true })] };
    const { registry } = testClient({ settings, lookup: answering('169.254.169.254') });
    const error = await failure(registry.resolveTag({ registry: 'inside.test', repository: 'a', tag: '1' }));
    expect(error.code).toBe('address-refused');
    await registry.close();
  });

  it('that does not exist is unreachable, and asked once', async () => {
    const lookup: LookupFunction = (_hostname, _options, callback) =>
      callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), []);
    const { registry, slept } = testClient({ lookup });
    const error = await failure(registry.resolveTag({ registry: 'typo.test', repository: 'a', tag: '1' }));
    expect(error).toMatchObject({ code: 'unreachable', temporary: true });
    expect(slept).toEqual([]);
    await registry.close();
  });
});

describe('an address in place of a name', () => {
  it.each(['127.0.0.1:5000', '10.0.0.1', '[::1]:5000', '0x7f.1', '2130706433.', '192.168.1.1'])(
    '%s is refused without a connection',
    async (host) => {
      const { registry } = testClient();
      const error = await failure(registry.resolveTag({ registry: host, repository: 'a', tag: '1' }));
      expect(error.code).toBe('address-refused');
    },
  );
});
