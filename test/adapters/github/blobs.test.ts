import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { BlobReader, gitBlobId } from '../../../src/adapters/github/blobs.ts';
import { GitHub } from '../../../src/adapters/github/client.ts';
import { ByteLimitedCache } from '../../../src/adapters/github/http-cache.ts';

const API = 'https://api.github.test';

async function reader(limit = 1_000_000): Promise<BlobReader> {
  const github = new GitHub({
    baseUrl: API,
    credentials: { kind: 'token', token: 't' },
    sleep: async () => {},
  });
  const octokit = await github.repository('o', 'r');
  return new BlobReader(octokit, 'o', 'r', new ByteLimitedCache(limit, (bytes) => bytes.length));
}

function blob(text: string) {
  const bytes = Buffer.from(text);
  return { id: gitBlobId(bytes), size: bytes.length, text };
}

function rest(id: string, bytes: Buffer): void {
  nock(API)
    .get(`/repos/o/r/git/blobs/${id}`)
    .reply(200, { sha: id, encoding: 'base64', content: bytes.toString('base64') });
}

function graphql(...answers: readonly (object | null)[]): void {
  const repository = Object.fromEntries(answers.map((answer, i) => [`b${i}`, answer]));
  nock(API).post('/graphql').reply(200, { data: { repository } });
}

const whole = (one: ReturnType<typeof blob>) => ({
  oid: one.id,
  isBinary: false,
  isTruncated: false,
  text: one.text,
});

describe('gitBlobId', () => {
  it.each([
    ['', 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'],
    ['hello\n', 'ce013625030ba8dba906f756967f9e9ca394464a'],
  ])('of %j is what git says', (text, id) => {
    expect(gitBlobId(Buffer.from(text))).toBe(id);
  });
});

describe('BlobReader', () => {
  it('reads many in one request, equal ones once, and never again', async () => {
    const [a, b] = [blob('FROM a\n'), blob('\ufeffFROM b\r\n')];
    graphql(whole(a), whole(b));
    const blobs = await reader();
    const texts = await Promise.all([a, b, a].map((one) => blobs.read(one)));
    expect(texts.map(String)).toEqual([a.text, b.text, a.text]);
    expect(String(await blobs.read(b))).toBe(b.text);
  });

  it.each([
    ['altered on the way', { text: 'FROM x' }],
    ['truncated', { isTruncated: true }],
    ['binary', { isBinary: true, text: null }],
    ['of an unknown kind', { isBinary: null }],
  ])('reads what is %s by REST', async (_, change) => {
    const one = blob('FROM a\n');
    graphql({ ...whole(one), ...change });
    rest(one.id, Buffer.from(one.text));
    expect(String(await (await reader()).read(one))).toBe(one.text);
  });

  it('reads by REST where GraphQL is not served, and does not ask again', async () => {
    const [a, b] = [blob('a'), blob('b')];
    nock(API).post('/graphql').reply(404, { message: 'Not Found' });
    rest(a.id, Buffer.from('a'));
    rest(b.id, Buffer.from('b'));
    const blobs = await reader();
    expect(String(await blobs.read(a))).toBe('a');
    expect(String(await blobs.read(b))).toBe('b');
  });

  it('one file that is gone fails alone', async () => {
    const [a, b] = [blob('a'), blob('b')];
    graphql(null, whole(b));
    nock(API).get(`/repos/o/r/git/blobs/${a.id}`).reply(404, { message: 'Not Found' });
    const blobs = await reader();
    const [first, second] = await Promise.allSettled([blobs.read(a), blobs.read(b)]);
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'not-found' } });
    expect(second).toMatchObject({ status: 'fulfilled' });
  });

  it('refuses a file that is too large before asking for it', async () => {
    const one = { id: 'x'.repeat(40), size: 11 * 1024 * 1024 };
    await expect((await reader()).read(one)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('keeps no more than it may', () => {
    const cache = new ByteLimitedCache<string>(10, (text) => text.length);
    cache.set('a', '12345');
    cache.set('b', '12345');
    cache.get('a');
    cache.set('c', '12345');
    cache.set('d', 'x'.repeat(11));
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== undefined)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});
