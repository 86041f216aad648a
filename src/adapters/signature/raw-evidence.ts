import type { EvidencePlace } from '../../assess/signature.ts';
import type { Digest } from '../../domain/digest.ts';
import { messageOf } from '../../domain/errors.ts';
import type { Repository } from '../../domain/image-reference.ts';
import { type Manifest, type Registry, RegistryError } from '../../resolve/registry.ts';

/** One signature or attestation as the registry stores it, not yet looked into. */
export type RawEvidence = EvidencePlace & {
  /**
   * `simple-signing`: cosign's payload, the signature in annotations (cosign SIGNATURE_SPEC). `envelope`: a DSSE envelope,
   * certificate and log entry in annotations. `bundle`: a Sigstore bundle, whole.
   */
  readonly form: 'simple-signing' | 'envelope' | 'bundle';
  readonly bytes: Uint8Array;
  readonly annotations: Readonly<Record<string, string>>;
};

export type RawFindings = {
  readonly evidence: readonly RawEvidence[];
  /** What could not be looked at, sentences. */
  readonly gaps: readonly string[];
};

const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
const ENVELOPE = 'application/vnd.dsse.envelope.v1+json';
const BUNDLE_PREFIX = 'application/vnd.dev.sigstore.bundle';

const MAX_REFERRERS = 50;
const MAX_LAYERS = 50;
const MAX_PAYLOAD = 256 * 1024;
/** SBOM attestations of large images come to some megabytes. */
const MAX_ENVELOPE = 24 * 1024 * 1024;

/**
 * Everything in a registry that may vouch for a digest: cosign's tags `sha256-….sig` and `.att`, and what refers to it
 * (bundles, and cosign's own layouts pushed as referrers). Manifests are looked into rather than filtered by the listed
 * artifact type, which some writers leave wrong. Never throws: what fails is a gap.
 */
export async function findRawEvidence(
  registry: Registry,
  image: Repository,
  digest: Digest,
): Promise<RawFindings> {
  const stem = digest.replace(':', '-');
  const found = await Promise.all([
    byTag(registry, image, `${stem}.sig`),
    byTag(registry, image, `${stem}.att`),
    byReferrers(registry, image, digest),
  ]);
  return { evidence: found.flatMap((f) => f.evidence), gaps: found.flatMap((f) => f.gaps) };
}

async function byTag(registry: Registry, image: Repository, tag: string): Promise<RawFindings> {
  try {
    const descriptor = await registry.resolveTag({ ...image, tag });
    return await readManifest(registry, image, descriptor.digest, 'tag');
  } catch (error) {
    return isNotFound(error) ? NOTHING : gap(`${tag}: ${messageOf(error)}`);
  }
}

async function byReferrers(registry: Registry, image: Repository, digest: Digest): Promise<RawFindings> {
  try {
    const listed = await registry.referrers(image, digest);
    const found = await Promise.all(
      listed.slice(0, MAX_REFERRERS).map((entry) => readReferrer(registry, image, entry.digest, digest)),
    );
    const gaps = found.flatMap((f) => f.gaps);
    if (listed.length > MAX_REFERRERS) {
      gaps.push(
        `${listed.length} artefacts refer to the image; only the first ${MAX_REFERRERS} were checked`,
      );
    }
    return { evidence: found.flatMap((f) => f.evidence), gaps };
  } catch (error) {
    return isNotFound(error) ? NOTHING : gap(`referrers: ${messageOf(error)}`);
  }
}

async function readReferrer(
  registry: Registry,
  image: Repository,
  manifest: Digest,
  subject: Digest,
): Promise<RawFindings> {
  try {
    return await readManifest(registry, image, manifest, 'referrer', subject);
  } catch (error) {
    // A list may name what was deleted since.
    return isNotFound(error) ? NOTHING : gap(`referrer ${manifest}: ${messageOf(error)}`);
  }
}

async function readManifest(
  registry: Registry,
  image: Repository,
  digest: Digest,
  source: EvidencePlace['source'],
  subject: Digest | null = null,
): Promise<RawFindings> {
  const manifest = await registry.manifest(image, digest);
  if (manifest.kind !== 'manifest') return NOTHING;
  if (subject !== null && manifest.subject !== null && manifest.subject.digest !== subject) return NOTHING;
  const layers = manifest.layers.flatMap((layer) => {
    const form = formOf(layer.mediaType);
    return form === null ? [] : [{ layer, form }];
  });
  const found = await Promise.all(
    layers
      .slice(0, MAX_LAYERS)
      .map(({ layer, form }) => readLayer(registry, image, { source, manifest: digest }, layer, form)),
  );
  const gaps = found.flatMap((f) => f.gaps);
  if (layers.length > MAX_LAYERS)
    gaps.push(`${digest} has ${layers.length} signatures; only the first ${MAX_LAYERS} were checked`);
  return { evidence: found.flatMap((f) => f.evidence), gaps };
}

async function readLayer(
  registry: Registry,
  image: Repository,
  place: EvidencePlace,
  layer: Manifest['layers'][number],
  form: RawEvidence['form'],
): Promise<RawFindings> {
  try {
    const limit = form === 'simple-signing' ? MAX_PAYLOAD : MAX_ENVELOPE;
    const bytes = await registry.blob(image, layer.digest, limit);
    return { evidence: [{ ...place, form, bytes, annotations: layer.annotations }], gaps: [] };
  } catch (error) {
    return gap(`${layer.digest}: ${messageOf(error)}`);
  }
}

function formOf(mediaType: string): RawEvidence['form'] | null {
  if (mediaType === SIMPLE_SIGNING) return 'simple-signing';
  if (mediaType === ENVELOPE) return 'envelope';
  return mediaType.startsWith(BUNDLE_PREFIX) ? 'bundle' : null;
}

const NOTHING: RawFindings = { evidence: [], gaps: [] };

function gap(sentence: string): RawFindings {
  return { evidence: [], gaps: [sentence] };
}

function isNotFound(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'not-found';
}
