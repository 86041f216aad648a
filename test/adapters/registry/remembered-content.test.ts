import { expect, it } from 'vitest';
import { rememberingContent } from '../../../src/adapters/registry/remembered-content.ts';
import { MemoryRegistry } from '../../support/memory-registry.ts';

const REPOSITORY = { registry: 'registry.example', repository: 'acme/base' };
const OTHER = { ...REPOSITORY, repository: 'acme/other' };

it('asks for a manifest and a small blob once, in each repository', async () => {
  const inner = new MemoryRegistry();
  const image = inner.putImage({ created: '2026-11-01T00:00:00Z' });
  const { digest: blob } = inner.putBlob('{}');
  const registry = rememberingContent(inner, 1_000_000);
  for (const repository of [REPOSITORY, REPOSITORY, OTHER]) {
    expect(await registry.manifest(repository, image)).toMatchObject({ kind: 'manifest' });
    expect(new TextDecoder().decode(await registry.blob(repository, blob, 100))).toBe('{}');
  }
  expect(inner.asked).toEqual([`manifest ${image}`, `blob ${blob}`, `manifest ${image}`, `blob ${blob}`]);
});

it('keeps no large blob, and asks again where less than what is kept is wanted', async () => {
  const inner = new MemoryRegistry();
  const { digest: large } = inner.putBlob('x'.repeat(300_000));
  const { digest: small } = inner.putBlob('small');
  const registry = rememberingContent(inner, 10_000_000);
  for (const [digest, limit] of [
    [large, 1_000_000],
    [large, 1_000_000],
    [small, 100],
    [small, 2],
  ] as const) {
    await registry.blob(REPOSITORY, digest, limit);
  }
  expect(inner.asked).toEqual([large, large, small, small].map((digest) => `blob ${digest}`));
});

it('forgets what was used longest ago once it holds too much', async () => {
  const inner = new MemoryRegistry();
  const [a, b, c] = ['a', 'b', 'c'].map((text) => inner.putBlob(text.repeat(1000)).digest);
  if (a === undefined || b === undefined || c === undefined) throw new Error('no blobs');
  const registry = rememberingContent(inner, 2 * 1512);
  for (const digest of [a, b, a, c, a, b]) await registry.blob(REPOSITORY, digest, 10_000);
  expect(inner.asked).toEqual([a, b, c, b].map((digest) => `blob ${digest}`));
});

it('always asks for tags, and passes a refusal on', async () => {
  const inner = new MemoryRegistry();
  const image = inner.putImage({});
  inner.tag('1', image);
  const registry = rememberingContent(inner, 1000);
  await registry.resolveTag({ ...REPOSITORY, tag: '1' });
  await registry.resolveTag({ ...REPOSITORY, tag: '1' });
  expect(inner.asked).toEqual(['tag 1', 'tag 1']);
  const gone = inner.putBlob('gone').digest.replace(/.$/, '0') as typeof image;
  await expect(registry.blob(REPOSITORY, gone, 10)).rejects.toMatchObject({ code: 'not-found' });
});
