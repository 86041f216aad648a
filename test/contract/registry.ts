import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Digest } from '../../src/domain/digest.ts';
import type { Repository } from '../../src/domain/image-reference.ts';
import { formatPlatform } from '../../src/domain/platform.ts';
import type { Registry } from '../../src/resolve/registry.ts';
import {
  type BuiltImage,
  buildImage,
  type ImageSpec,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../support/registry/image-builder.ts';

/** A registry to run the suite on, and the client under test that may pull from it. */
export type RegistryFixture = {
  readonly host: string;
  readonly registry: Registry;
  push(repository: string, tag: string, image: BuiltImage): Promise<void>;
  /** Removes a manifest by its digest. */
  remove(repository: string, digest: Digest): Promise<void>;
  /** Attaches an artefact to a digest, in whatever way the registry knows; its digest. */
  attach(repository: string, subject: Digest, artifactType: string): Promise<Digest>;
  /** Ends the registry as a crash would. */
  stop(): Promise<void>;
  /** Frees everything; after `stop` too. */
  close(): Promise<void>;
};

/** What every implementation of the port must do, whatever registry it talks to. */
export function describeRegistryContract(name: string, start: () => Promise<RegistryFixture>): void {
  describe(`registry contract: ${name}`, () => {
    let fixture: RegistryFixture;
    const at = (repository: string): Repository => ({ registry: fixture.host, repository });
    const pushed = async (repository: string, tag: string, spec: ImageSpec): Promise<BuiltImage> => {
      const image = buildImage(spec);
      await fixture.push(repository, tag, image);
      return image;
    };

    beforeAll(async () => {
      fixture = await start();
    });
    afterAll(async () => {
      await fixture.registry.close();
      await fixture.close();
    });

    it('resolves a tag to the descriptor of an index', async () => {
      const { top } = await pushed('team/index', '1.0', { seed: 'index' });
      const descriptor = await fixture.registry.resolveTag({ ...at('team/index'), tag: '1.0' });
      expect(descriptor).toEqual({ digest: top.digest, mediaType: OCI_INDEX, size: top.bytes.length });
    });

    it('resolves a tag to the descriptor of a manifest', async () => {
      const { top } = await pushed('single', 'v1', { seed: 'm', single: true, platforms: ['linux/arm64'] });
      const descriptor = await fixture.registry.resolveTag({ ...at('single'), tag: 'v1' });
      expect(descriptor).toEqual({ digest: top.digest, mediaType: OCI_MANIFEST, size: top.bytes.length });
    });

    it('reads an index, its manifests and their configuration by digest', async () => {
      const platforms = ['linux/amd64', 'linux/arm/v7'];
      const image = await pushed('deep', 'x', { seed: 'deep', platforms, labels: { a: 'ä' } });
      const index = await fixture.registry.manifest(at('deep'), image.top.digest);
      if (index.kind !== 'index') throw new Error(`got a ${index.kind}`);
      expect(index.entries.map((entry) => entry.platform && formatPlatform(entry.platform))).toEqual(
        platforms,
      );
      expect(index.entries.map((entry) => entry.digest)).toEqual(
        image.manifests.map(({ manifest }) => manifest.digest),
      );
      const second = image.manifests[1];
      if (second === undefined) throw new Error('no second manifest');
      const manifest = await fixture.registry.manifest(at('deep'), second.manifest.digest);
      if (manifest.kind !== 'manifest') throw new Error(`got a ${manifest.kind}`);
      const config = await fixture.registry.blob(at('deep'), manifest.config.digest, 65_536);
      expect(JSON.parse(Buffer.from(config).toString('utf8'))).toMatchObject({
        architecture: 'arm',
        variant: 'v7',
        config: { Labels: { a: 'ä' } },
      });
    });

    it('sees at once that a tag has moved, and still reads the old digest', async () => {
      const before = await pushed('moving', 'latest', { seed: 'before' });
      const image = { ...at('moving'), tag: 'latest' };
      expect((await fixture.registry.resolveTag(image)).digest).toBe(before.top.digest);
      const after = await pushed('moving', 'latest', { seed: 'after' });
      expect((await fixture.registry.resolveTag(image)).digest).toBe(after.top.digest);
      expect((await fixture.registry.manifest(at('moving'), before.top.digest)).kind).toBe('index');
    });

    it('says not-found, for good, of a removed digest, an unknown tag and an unknown repository', async () => {
      const { top } = await pushed('removed', 'gone', { seed: 'removed' });
      await fixture.remove('removed', top.digest);
      const gone = { code: 'not-found', temporary: false };
      await expect(fixture.registry.manifest(at('removed'), top.digest)).rejects.toMatchObject(gone);
      await expect(fixture.registry.resolveTag({ ...at('removed'), tag: 'gone' })).rejects.toMatchObject(
        gone,
      );
      await expect(fixture.registry.resolveTag({ ...at('never'), tag: 'was' })).rejects.toMatchObject(gone);
      await expect(fixture.registry.blob(at('removed'), top.digest, 1000)).rejects.toMatchObject(gone);
    });

    it('lists all tags, in whatever order', async () => {
      const names = Array.from({ length: 25 }, (_, i) => `t${String(i).padStart(2, '0')}`);
      const image = buildImage({ seed: 'tags' });
      for (const tag of names) await fixture.push('tagged', tag, image);
      expect([...(await fixture.registry.tags(at('tagged')))].sort()).toEqual(names);
    });

    it('finds what refers to a digest, and nothing where nothing does', async () => {
      const { top } = await pushed('signed', '1', { seed: 'signed' });
      expect(await fixture.registry.referrers(at('signed'), top.digest)).toEqual([]);
      const artefact = await fixture.attach('signed', top.digest, 'application/vnd.example.signature');
      const found = await fixture.registry.referrers(at('signed'), top.digest);
      expect(found.map(({ digest, artifactType }) => ({ digest, artifactType }))).toEqual([
        { digest: artefact, artifactType: 'application/vnd.example.signature' },
      ]);
      const manifest = await fixture.registry.manifest(at('signed'), artefact);
      expect(manifest).toMatchObject({ kind: 'manifest', subject: { digest: top.digest } });
    });

    it('refuses a blob that is larger than allowed', async () => {
      const image = await pushed('large', '1', { seed: 'large' });
      const blob = image.manifests[0]?.blobs[0];
      if (blob === undefined) throw new Error('no blob');
      const size = blob.bytes.length;
      const read = (max: number) => fixture.registry.blob(at('large'), blob.digest, max);
      await expect(read(size - 1)).rejects.toMatchObject({ code: 'too-large', temporary: false });
      expect(Buffer.from(await read(size)).equals(blob.bytes)).toBe(true);
    });

    it('sends equal requests that overlap once, and a known digest never again', async () => {
      const { top } = await pushed('shared', '1', { seed: 'shared' });
      const image = { ...at('shared'), tag: '1' };
      await fixture.registry.resolveTag(image);
      const before = fixture.registry.requests();
      await Promise.all(Array.from({ length: 5 }, () => fixture.registry.resolveTag(image)));
      await Promise.all(Array.from({ length: 5 }, () => fixture.registry.manifest(at('shared'), top.digest)));
      await fixture.registry.manifest(at('shared'), top.digest);
      const after = fixture.registry.requests();
      expect([after.head - before.head, after.manifest - before.manifest]).toEqual([1, 1]);
    });

    it('calls a stopped registry an outage', async () => {
      await fixture.stop();
      const ask = fixture.registry.resolveTag({ ...at('team/index'), tag: '1.0' });
      await expect(ask).rejects.toMatchObject({ code: 'unreachable', temporary: true });
    });
  });
}
