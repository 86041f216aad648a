import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { buildImage, OCI_INDEX, sha256 } from '../../support/registry/image-builder.ts';
import { registryEntry } from '../../support/registry-entry.ts';
import { failure, HOST, IMAGE, REPOSITORY, START, testClient } from './client.ts';

const { top } = buildImage({ seed: 'faults' });
const ORIGIN = `https://${HOST}`;
const TAG_PATH = '/v2/team/app/manifests/1.0';
const DIGEST_PATH = `/v2/team/app/manifests/${top.digest}`;
const HEADERS = { 'content-type': OCI_INDEX, 'docker-content-digest': top.digest };

describe('retries', () => {
  it('asks again after a 5xx, with back-off', async () => {
    nock(ORIGIN).head(TAG_PATH).reply(503).head(TAG_PATH).reply(500).head(TAG_PATH).reply(200, '', HEADERS);
    const { registry, slept } = testClient();
    expect((await registry.resolveTag(IMAGE)).digest).toBe(top.digest);
    expect(slept).toEqual([150, 300]);
    expect(registry.requests().head).toBe(3);
  });

  it.each([
    ['seconds', '7', 7000],
    ['a date', new Date(START + 9000).toUTCString(), 9000],
    ['a Unix time', String(START / 1000 + 5), 5000],
  ])('waits as long as a 429 says in %s', async (_form, retryAfter, wait) => {
    nock(ORIGIN).head(TAG_PATH).reply(429, '', { 'retry-after': retryAfter });
    nock(ORIGIN).head(TAG_PATH).reply(200, '', HEADERS);
    const { registry, slept } = testClient();
    await registry.resolveTag(IMAGE);
    expect(slept).toEqual([wait]);
  });

  it('does not wait longer than its patience, and lets the host rest as it asked', async () => {
    nock(ORIGIN).head(TAG_PATH).reply(429, '', { 'retry-after': '3600' });
    const { registry, slept, advance } = testClient();
    expect(await failure(registry.resolveTag(IMAGE))).toMatchObject({
      code: 'rate-limited',
      temporary: true,
    });
    expect(await failure(registry.resolveTag({ ...IMAGE, tag: '2.0' }))).toMatchObject({
      code: 'rate-limited',
    });
    expect(slept).toEqual([]);
    nock(ORIGIN).head(TAG_PATH).reply(200, '', HEADERS);
    advance(3_600_000);
    expect((await registry.resolveTag(IMAGE)).digest).toBe(top.digest);
  });

  it.each([
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
  ])('gives up on %i after three attempts: %s, temporary', async (status, code) => {
    nock(ORIGIN).head(TAG_PATH).times(3).reply(status);
    const { registry } = testClient();
    expect(await failure(registry.resolveTag(IMAGE))).toMatchObject({ code, temporary: true });
  });

  it('asks again after a broken connection and lets a dead host rest', async () => {
    nock(ORIGIN)
      .head(/.*/)
      .times(9)
      .replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    const { registry } = testClient();
    for (let i = 0; i < 5; i++) {
      const error = await failure(registry.resolveTag({ ...IMAGE, tag: `t${i}` }));
      expect(error).toMatchObject({ code: 'unreachable', temporary: true });
    }
    expect(registry.requests().head).toBe(9);
  });

  it.each([
    [400, 'invalid-response'],
    [403, 'denied'],
    [404, 'not-found'],
    [410, 'not-found'],
    [418, 'invalid-response'],
  ])('does not repeat a %i: %s, for good', async (status, code) => {
    nock(ORIGIN).head(TAG_PATH).reply(status);
    const { registry, slept } = testClient();
    expect(await failure(registry.resolveTag(IMAGE))).toMatchObject({ code, temporary: false });
    expect(slept).toEqual([]);
  });
});

describe('content', () => {
  const get = (body: string | Buffer, headers: Record<string, string> = HEADERS) =>
    nock(ORIGIN).get(DIGEST_PATH).reply(200, body, headers);

  it('refuses a truncated body', async () => {
    get(top.bytes.subarray(0, 100));
    const { registry } = testClient();
    expect(await failure(registry.manifest(REPOSITORY, top.digest))).toMatchObject({
      code: 'digest-mismatch',
    });
  });

  it('refuses a body that announces more than is allowed', async () => {
    get('x'.repeat(5000), { ...HEADERS, 'content-length': '5000' });
    const { registry } = testClient({ limits: { maxManifestBytes: 4999 } });
    const error = await failure(registry.manifest(REPOSITORY, top.digest));
    expect(error).toMatchObject({ code: 'too-large', temporary: false });
  });

  it('refuses a digest header that disagrees with the body', async () => {
    get(top.bytes, { ...HEADERS, 'docker-content-digest': sha256(Buffer.from('other')) });
    const { registry } = testClient();
    expect(await failure(registry.manifest(REPOSITORY, top.digest))).toMatchObject({
      code: 'digest-mismatch',
      temporary: false,
    });
  });

  it('hashes the body where HEAD brings no digest', async () => {
    nock(ORIGIN).head(TAG_PATH).reply(200, '', { 'content-type': OCI_INDEX });
    nock(ORIGIN).get(TAG_PATH).reply(200, top.bytes, { 'content-type': OCI_INDEX });
    const { registry } = testClient();
    expect(await registry.resolveTag(IMAGE)).toEqual({
      digest: top.digest,
      mediaType: OCI_INDEX,
      size: top.bytes.length,
    });
  });

  it('asks by GET where the registry knows no HEAD', async () => {
    nock(ORIGIN).head(TAG_PATH).reply(405).get(TAG_PATH).reply(200, top.bytes, HEADERS);
    const { registry } = testClient();
    expect((await registry.resolveTag(IMAGE)).digest).toBe(top.digest);
  });

  it('never adopts a digest by tag that the body does not have', async () => {
    nock(ORIGIN).head(TAG_PATH).reply(200, '', { 'content-type': OCI_INDEX });
    nock(ORIGIN).get(TAG_PATH).reply(200, `${top.bytes} `, HEADERS);
    const { registry } = testClient();
    expect(await failure(registry.resolveTag(IMAGE))).toMatchObject({ code: 'digest-mismatch' });
  });

  it('accepts indexes and manifests of both families', async () => {
    nock(ORIGIN)
      .head(TAG_PATH)
      .matchHeader('accept', (accept) =>
        [
          'application/vnd.oci.image.index.v1+json',
          'application/vnd.docker.distribution.manifest.list.v2+json',
          'application/vnd.oci.image.manifest.v1+json',
          'application/vnd.docker.distribution.manifest.v2+json',
        ].every((type) => String(accept).includes(type)),
      )
      .reply(200, '', HEADERS);
    const { registry } = testClient();
    await registry.resolveTag(IMAGE);
  });

  it.each(['v1+json', 'v1+prettyjws'])('calls schema 1 (%s) unsupported', async (version) => {
    const type = `application/vnd.docker.distribution.manifest.${version}`;
    nock(ORIGIN)
      .head(TAG_PATH)
      .reply(200, '', { ...HEADERS, 'content-type': type });
    const { registry } = testClient();
    expect(await failure(registry.resolveTag(IMAGE))).toMatchObject({ code: 'unsupported' });
  });

  it('repeats what the registry says, without control characters', async () => {
    const body = { errors: [{ code: 'DENIED', message: 'no\u001b[31m\nway' }] };
    nock(ORIGIN).get(DIGEST_PATH).reply(403, body);
    const { registry } = testClient();
    const { message } = await failure(registry.manifest(REPOSITORY, top.digest));
    expect(message).toContain('(DENIED: no [31m way)');
    expect(message).toContain(`${HOST}: answered 403`);
  });
});

describe('pages', () => {
  const LIST = '/v2/team/app/tags/list';

  it('follows Link in all its forms', async () => {
    nock(ORIGIN)
      .get(`${LIST}?n=1000`)
      .reply(200, { tags: ['a'] }, { link: '<list?last=a>; rel=next' });
    nock(ORIGIN)
      .get(`${LIST}?last=a`)
      .reply(200, { tags: ['b'] }, { link: `<x>; rel="prev", <${LIST}?last=b>; title="a, b"; rel="next"` });
    // A proxy in front of it ends TLS, and the registry does not know.
    nock(ORIGIN)
      .get(`${LIST}?last=b`)
      .reply(200, { tags: ['c'] }, { link: `<http://${HOST}${LIST}?last=c>; rel="next"` });
    nock(ORIGIN).get(`${LIST}?last=c`).reply(200, { tags: null });
    const { registry } = testClient();
    expect(await registry.tags(REPOSITORY)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['another host', '<https://evil.example/v2/x>; rel="next"'],
    ['another port', `<https://${HOST}:444/v2/x>; rel="next"`],
    ['nowhere', '<http://[>; rel="next"'],
    ['itself', `<${LIST}?n=1000>; rel="next"`],
  ])('does not follow a Link to %s', async (_where, link) => {
    nock(ORIGIN)
      .get(`${LIST}?n=1000`)
      .times(link.includes('n=1000') ? 2 : 1)
      .reply(200, { tags: ['a'] }, { link });
    const { registry } = testClient();
    expect(await failure(registry.tags(REPOSITORY))).toMatchObject({ code: 'invalid-response' });
  });
});

describe('referrers', () => {
  const API = `/v2/team/app/referrers/${top.digest}`;
  const FALLBACK = `/v2/team/app/manifests/${top.digest.replace(':', '-')}`;
  const entry = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: sha256(Buffer.from('s')),
    size: 1,
    // cosign 3.1: the artefact type tells nothing here.
    artifactType: 'application/vnd.oci.empty.v1+json',
  };
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [entry] };

  it('looks for the tag where the API is not there, and remembers that', async () => {
    nock(ORIGIN).get(API).reply(404).get(FALLBACK).twice().reply(200, index, { 'content-type': OCI_INDEX });
    const { registry } = testClient();
    for (let i = 0; i < 2; i++) {
      const found = await registry.referrers(REPOSITORY, top.digest);
      expect(found.map(({ digest }) => digest)).toEqual([entry.digest]);
    }
  });

  it('takes a web page for no API', async () => {
    nock(ORIGIN).get(API).reply(200, '<html>', { 'content-type': 'text/html' }).get(FALLBACK).reply(404);
    const { registry } = testClient();
    expect(await registry.referrers(REPOSITORY, top.digest)).toEqual([]);
  });

  it('does not read an outage as "nothing refers to it"', async () => {
    nock(ORIGIN).get(API).times(3).reply(503);
    const { registry } = testClient();
    expect(await failure(registry.referrers(REPOSITORY, top.digest))).toMatchObject({ code: 'unavailable' });
  });

  it('reads all pages', async () => {
    const second = { ...entry, digest: sha256(Buffer.from('t')) };
    nock(ORIGIN)
      .get(API)
      .reply(200, index, { 'content-type': OCI_INDEX, link: `<${API}?p=2>; rel="next"` });
    nock(ORIGIN)
      .get(`${API}?p=2`)
      .reply(200, { ...index, manifests: [second] }, { 'content-type': OCI_INDEX });
    const { registry } = testClient();
    expect(await registry.referrers(REPOSITORY, top.digest)).toHaveLength(2);
  });
});

describe('mirrors', () => {
  it('asks the mirror in the place of Docker Hub, under its prefix', async () => {
    nock('https://mirror.example:5000').head('/v2/hub/library/python/manifests/3.11').reply(200, '', HEADERS);
    const mirror = { host: 'mirror.example:5000', prefix: 'hub' };
    const { registry } = testClient({
      settings: { registries: [registryEntry('docker.io', { mirror })] },
    });
    await registry.resolveTag({ registry: 'docker.io', repository: 'library/python', tag: '3.11' });
  });

  it('asks Docker Hub at its API host', async () => {
    nock('https://registry-1.docker.io').head('/v2/library/python/manifests/3.11').reply(200, '', HEADERS);
    const { registry } = testClient();
    await registry.resolveTag({ registry: 'docker.io', repository: 'library/python', tag: '3.11' });
  });
});
