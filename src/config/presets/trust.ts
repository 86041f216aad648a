import { type ImagePattern, toImagePattern } from '../../domain/image-glob.ts';
import type { SignerRule } from '../policy-terms.ts';

export const PRESET_NAMES = [
  'distroless',
  'chainguard',
  'docker-hardened-images',
  'kubernetes',
  'flux',
] as const;

export type PresetName = (typeof PRESET_NAMES)[number];

/** A publisher's documented way to sign. */
export type TrustPreset = {
  readonly name: PresetName;
  readonly image: ImagePattern;
  readonly signers: readonly SignerRule[];
  /** Where keys of this preset's `key` signers are published, by key name. https only. */
  readonly keyUrls: Readonly<Record<string, string>>;
  /** The publisher's page that names the identity. */
  readonly source: string;
};

const GOOGLE = 'https://accounts.google.com';
const GITHUB_ACTIONS = 'https://token.actions.githubusercontent.com';

/** Publishers that document who signs their images. Only what their own pages say stands here. */
export const TRUST_PRESETS: readonly TrustPreset[] = [
  {
    name: 'distroless',
    image: toImagePattern('gcr.io/distroless/**'),
    signers: [keyless({ equals: 'keyless@distroless.iam.gserviceaccount.com' }, GOOGLE)],
    keyUrls: {},
    source: 'https://github.com/GoogleContainerTools/distroless#how-do-i-verify-distroless-images',
  },
  {
    name: 'chainguard',
    image: toImagePattern('cgr.dev/chainguard/**'),
    signers: [
      keyless(
        {
          equals:
            'https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main',
        },
        GITHUB_ACTIONS,
      ),
    ],
    keyUrls: {},
    source:
      'https://edu.chainguard.dev/chainguard/chainguard-images/how-to-use/verifying-chainguard-images-and-metadata-signatures-with-cosign/',
  },
  {
    name: 'docker-hardened-images',
    image: toImagePattern('dhi.io/**'),
    // Docker keeps these signatures out of the public log and documents `--insecure-ignore-tlog`.
    signers: [{ kind: 'key', key: 'docker-hardened-images', log: 'optional' }],
    keyUrls: { 'docker-hardened-images': 'https://registry.scout.docker.com/keyring/dhi/latest.pub' },
    source: 'https://docs.docker.com/dhi/how-to/verify/',
  },
  {
    name: 'kubernetes',
    image: toImagePattern('registry.k8s.io/**'),
    signers: [keyless({ equals: 'krel-trust@k8s-releng-prod.iam.gserviceaccount.com' }, GOOGLE)],
    keyUrls: {},
    source: 'https://kubernetes.io/docs/tasks/administer-cluster/verify-signed-artifacts/',
  },
  {
    name: 'flux',
    image: toImagePattern('ghcr.io/fluxcd/**'),
    signers: [keyless({ glob: 'https://github.com/fluxcd/*' }, GITHUB_ACTIONS)],
    keyUrls: {},
    source: 'https://fluxcd.io/flux/security/',
  },
];

function keyless(
  identity: { readonly equals: string } | { readonly glob: string },
  issuer: string,
): SignerRule {
  return { kind: 'keyless', identity, issuer: { equals: issuer }, log: 'required' };
}
