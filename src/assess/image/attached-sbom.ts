import { gunzipSync } from 'node:zlib';
import type { Digest } from '../../domain/digest.ts';
import type { Repository } from '../../domain/image-reference.ts';
import {
  type IndexEntry,
  type Manifest,
  type Registry,
  RegistryError,
  unlessGone,
} from '../../resolve/registry.ts';
import { readSbom } from '../sbom/parse-sbom.ts';
import type { Sbom } from '../sbom/sbom.ts';
import { readAttachment } from './attachment.ts';
import type { LoadedImage } from './load-image.ts';

/** An SBOM found beside an image, and where. */
export type AttachedSbom = {
  readonly sbom: Sbom;
  readonly from: 'attestation' | 'label' | 'referrer' | 'cosign-tag';
};

/** What is attached to one platform's image, besides its layers. */
export type Attached = {
  readonly sbom: AttachedSbom | null;
  /** VEX documents (OpenVEX or CycloneDX), parsed JSON. */
  readonly vex: readonly unknown[];
  /** What was found and could not be used, as sentences. */
  readonly warnings: readonly string[];
};

type Layer = Manifest['layers'][number];
type Found = {
  sbom: AttachedSbom | null;
  /** Whether `sbom` is the image's own, not a build stage's. */
  main: boolean;
  readonly vex: unknown[];
  readonly warnings: string[];
};

const MAX_ATTACHMENT_BYTES = 64 * 1024 * 1024;
const MAX_LABEL_BYTES = 8 * 1024 * 1024;
const MAX_REFERRERS = 20;
const MAX_LAYERS = 50;

/**
 * Looks for what is attached to an image: BuildKit's attestation manifests of the index, the image's labels, OCI
 * referrers, cosign's `.att` and `.sbom` tags. The first SBOM in this order is the one; the places after it are asked
 * for VEX only. No layer is requested.
 * A registry that fails here costs a warning only: the image itself can still be scanned.
 */
export async function findAttached(
  registry: Registry,
  repository: Repository,
  image: LoadedImage,
): Promise<Attached> {
  const found: Found = { sbom: null, main: false, vex: [], warnings: [] };
  const attempt = async (step: Promise<void>): Promise<void> => {
    try {
      await step;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      found.warnings.push(`the attachments of ${image.digest} could not be read: ${error.message}`);
    }
  };
  await attempt(fromAttestations(registry, repository, image, found));
  fromLabels(image, found);
  // With an SBOM in hand only VEX is looked for: the order does not matter any more.
  const referrers = (): Promise<void> => attempt(fromReferrers(registry, repository, image, found));
  const tags = (): Promise<void> => attempt(fromCosignTags(registry, repository, image, found));
  if (found.sbom !== null) await Promise.all([referrers(), tags()]);
  else {
    await referrers();
    await tags();
  }
  return { sbom: found.sbom, vex: found.vex, warnings: found.warnings };
}

async function fromAttestations(
  registry: Registry,
  repository: Repository,
  image: LoadedImage,
  found: Found,
): Promise<void> {
  for (const entry of image.attestations) {
    const manifest = await registry.manifest(repository, entry.digest);
    if (manifest.kind !== 'manifest') continue;
    await readLayers(registry, repository, manifest.layers, image, 'attestation', found);
  }
}

function fromLabels(image: LoadedImage, found: Found): void {
  for (const [name, value] of image.config.labels) {
    const document = labelDocument(value);
    if (document === null) continue;
    const sbom = readSbom(document);
    if (sbom.ok && found.sbom === null) {
      found.sbom = { sbom: sbom.value, from: 'label' };
      found.main = true;
    }
    if (!sbom.ok && sbom.fault.code !== 'not-an-sbom') {
      found.warnings.push(`the label ${name}: ${sbom.fault.message}`);
    }
  }
}

async function fromReferrers(
  registry: Registry,
  repository: Repository,
  image: LoadedImage,
  found: Found,
): Promise<void> {
  const subjects = subjectsOf(image);
  const lists = await Promise.all(subjects.map((subject) => registry.referrers(repository, subject)));
  for (const entry of lists.flat().filter(mayHoldFacts).slice(0, MAX_REFERRERS)) {
    const manifest = await registry.manifest(repository, entry.digest);
    if (manifest.kind !== 'manifest') continue;
    if (manifest.subject !== null && !subjects.includes(manifest.subject.digest)) continue;
    await readLayers(registry, repository, manifest.layers, image, 'referrer', found, entry.artifactType);
  }
}

async function fromCosignTags(
  registry: Registry,
  repository: Repository,
  image: LoadedImage,
  found: Found,
): Promise<void> {
  const stems = subjectsOf(image).map((subject) => subject.replace(':', '-'));
  for (const tag of [...stems.map((stem) => `${stem}.att`), ...stems.map((stem) => `${stem}.sbom`)]) {
    if (found.sbom !== null && tag.endsWith('.sbom')) return;
    const descriptor = await unlessGone(registry.resolveTag({ ...repository, tag }));
    if (descriptor === null) continue;
    const manifest = await registry.manifest(repository, descriptor.digest);
    if (manifest.kind !== 'manifest') continue;
    await readLayers(registry, repository, manifest.layers, image, 'cosign-tag', found);
  }
}

/** The digests under which something may be attached to the image. */
function subjectsOf(image: LoadedImage): readonly Digest[] {
  return image.within === null ? [image.digest] : [image.digest, image.within];
}

async function readLayers(
  registry: Registry,
  repository: Repository,
  layers: readonly Layer[],
  image: LoadedImage,
  from: AttachedSbom['from'],
  found: Found,
  artifactType: string | null = null,
): Promise<void> {
  for (const layer of layers.slice(0, MAX_LAYERS)) {
    if (!mayHoldDocument(layer, artifactType, found.main)) continue;
    const blob = await registry.blob(repository, layer.digest, MAX_ATTACHMENT_BYTES);
    const read = readAttachment(new TextDecoder().decode(blob), subjectsOf(image));
    switch (read.kind) {
      case 'sbom':
        // BuildKit names the result's own SBOM `sbom`, those of stages `sbom-<stage>`.
        if (found.main || (found.sbom !== null && !read.main)) break;
        found.sbom = { sbom: read.sbom, from };
        found.main = read.main;
        break;
      case 'vex':
        found.vex.push(read.document);
        break;
      case 'unusable':
        found.warnings.push(`an attachment of ${image.digest} was skipped: ${read.reason}`);
        break;
      case 'other':
        break;
    }
  }
}

/** Layers whose type says that they hold something else (provenance, signatures, layers of an image) are not fetched. */
function mayHoldDocument(layer: Layer, artifactType: string | null, vexOnly: boolean): boolean {
  if (layer.mediaType.includes('.image.layer.') || layer.mediaType.includes('.image.rootfs.')) return false;
  if (layer.mediaType.includes('simplesigning')) return false;
  const predicate = layer.annotations['in-toto.io/predicate-type'] ?? layer.annotations['predicateType'];
  const type = `${predicate ?? layer.mediaType} ${artifactType ?? ''}`.toLowerCase();
  if (vexOnly && /spdx|sbom/.test(type)) return false;
  if (predicate !== undefined) return isFactType(predicate);
  return isFactType(type) || /json|dsse|in-toto|sigstore\.bundle|octet-stream|text\/plain/.test(type);
}

function mayHoldFacts(entry: IndexEntry): boolean {
  const type = entry.artifactType?.toLowerCase() ?? '';
  const predicate = entry.annotations['dev.sigstore.bundle.predicateType'] ?? '';
  if (predicate !== '') return isFactType(predicate);
  return !type.includes('simplesigning') && !type.includes('notary') && !type.includes('signature');
}

function isFactType(type: string): boolean {
  return /spdx|cyclonedx|openvex|\bvex\b|sbom/i.test(type);
}

/** A label's JSON object: plain, base64, or base64 of gzip. Null for everything else. */
function labelDocument(value: string): unknown {
  if (value.length < 40 || value.length > MAX_LABEL_BYTES) return null;
  const text = value.trimStart();
  try {
    if (text.startsWith('{')) return JSON.parse(text);
    if (text.startsWith('eyJ') || text.startsWith('ewo'))
      return JSON.parse(Buffer.from(text, 'base64').toString());
    if (!text.startsWith('H4sI')) return null;
    const bytes = gunzipSync(Buffer.from(text, 'base64'), { maxOutputLength: MAX_ATTACHMENT_BYTES });
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}
