import { attestationKind, readProvenance } from '../../assess/provenance.ts';
import type {
  AttestationEvidence,
  ImageTrust,
  SignatureEvidence,
  SignatureFact,
  SignatureVerifier,
  VerificationKey,
} from '../../assess/signature.ts';
import type { Digest } from '../../domain/digest.ts';
import { messageOf } from '../../domain/errors.ts';
import type { Repository } from '../../domain/image-reference.ts';
import type { Registry } from '../../resolve/registry.ts';
import {
  COSIGN_SIGNATURE_PREDICATE,
  type ContentFault,
  checkEnvelope,
  checkSimpleSigning,
} from './content.ts';
import { findRawEvidence, type RawEvidence } from './raw-evidence.ts';
import { type BundleForm, toBundleForm } from './to-bundle.ts';
import type { LoadedRoots } from './trusted-root.ts';
import { findUnsignedProvenance } from './unsigned-provenance.ts';
import { loadSigstore, type Trust, verifyBundle } from './verify.ts';

export type SigstoreVerifierOptions = {
  readonly registry: Registry;
  /** Loads the trusted roots; asked once an hour at most, and only when there is something to verify. */
  readonly roots: () => Promise<LoadedRoots>;
  readonly now?: () => Date;
};

const ROOTS_LAST = 3_600_000;

/** The signature port on the sigstore packages: cosign's tags, bundles by referrers, BuildKit's provenance as information. */
export class SigstoreVerifier implements SignatureVerifier {
  readonly #registry: Registry;
  readonly #loadRoots: () => Promise<LoadedRoots>;
  readonly #now: () => Date;
  #roots: { readonly at: number; readonly loading: Promise<LoadedRoots> } | null = null;

  constructor(options: SigstoreVerifierOptions) {
    this.#registry = options.registry;
    this.#loadRoots = options.roots;
    this.#now = options.now ?? (() => new Date());
  }

  async assess(image: Repository, digest: Digest, keys: readonly VerificationKey[]): Promise<ImageTrust> {
    const [raw, unsignedProvenance] = await Promise.all([
      findRawEvidence(this.#registry, image, digest),
      findUnsignedProvenance(this.#registry, image, digest),
    ]);
    const found = { digest, unsignedProvenance };
    if (raw.evidence.length === 0) return { ...found, signatures: [], attestations: [], gaps: raw.gaps };

    const gaps = [...raw.gaps];
    let roots: LoadedRoots['roots'] = [];
    try {
      roots = (await this.#currentRoots()).roots;
    } catch (error) {
      gaps.push(messageOf(error));
    }
    const sigstore = await loadSigstore();
    const trust: Trust = { roots, keys, now: this.#now() };
    const signatures: SignatureEvidence[] = [];
    const attestations: AttestationEvidence[] = [];
    for (const evidence of raw.evidence) {
      const verify = (form: BundleForm) => verifyBundle(sigstore, form, trust);
      const judged = lookInto(evidence, image, digest, verify);
      const place = { source: evidence.source, manifest: evidence.manifest };
      if (judged.attestation === null) signatures.push({ ...place, fact: judged.fact });
      else attestations.push({ ...place, fact: judged.fact, ...judged.attestation });
    }
    return { ...found, signatures, attestations, gaps };
  }

  #currentRoots(): Promise<LoadedRoots> {
    const now = this.#now().getTime();
    if (this.#roots === null || now - this.#roots.at > ROOTS_LAST) {
      const loading = this.#loadRoots();
      this.#roots = { at: now, loading };
      // A failure is not kept: the next image asks again.
      loading.catch(() => {
        if (this.#roots?.loading === loading) this.#roots = null;
      });
    }
    return this.#roots.loading;
  }
}

type LookedInto = {
  readonly fact: SignatureFact;
  /** Null for a signature of the image itself. */
  readonly attestation: Pick<AttestationEvidence, 'kind' | 'predicateType' | 'provenance'> | null;
};

/** Signature first, then what was signed: a valid signature over something else is told from an altered one. */
function lookInto(
  raw: RawEvidence,
  image: Repository,
  digest: Digest,
  verify: (form: BundleForm) => SignatureFact,
): LookedInto {
  let form: BundleForm;
  try {
    form = toBundleForm(raw);
  } catch (error) {
    const detail = messageOf(error);
    return { fact: { status: 'invalid', code: 'malformed', detail }, attestation: null };
  }
  const verified = verify(form);
  if (raw.form === 'simple-signing') {
    return { fact: withContent(verified, checkSimpleSigning(raw.bytes, image, digest)), attestation: null };
  }
  const { statement, fault } = checkEnvelope(form.json, image, digest);
  const fact = withContent(verified, fault);
  if (statement === null || statement.predicateType === COSIGN_SIGNATURE_PREDICATE)
    return { fact, attestation: null };
  const kind = attestationKind(statement.predicateType);
  return {
    fact,
    attestation: { kind, predicateType: statement.predicateType, provenance: readProvenance(statement) },
  };
}

function withContent(fact: SignatureFact, fault: ContentFault | null): SignatureFact {
  return fact.status !== 'verified' || fault === null ? fact : { status: 'invalid', ...fault };
}
