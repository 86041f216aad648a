import type { KeySource } from '../assess/signature.ts';
import type { SignerRule, TextRule } from '../config/policy-terms.ts';
import { TRUST_PRESETS } from '../config/presets/trust.ts';
import type { PolicySettings } from '../config/schema/policy.ts';
import { type ImagePattern, toImagePattern } from '../domain/image-glob.ts';
import type { TrustRule } from './rules.ts';

/** The schema demands an image or a preset. */
const EVERY_IMAGE: ImagePattern = toImagePattern('**');

type TrustSettings = PolicySettings['trust'];
type SignerSettings = TrustSettings[number]['signers'][number];

/** The trust rules of the settings, presets filled in, in their order. Pure. */
export function trustRules(settings: TrustSettings): readonly TrustRule[] {
  return settings.map((rule) => {
    const preset = TRUST_PRESETS.find((candidate) => candidate.name === rule.preset);
    const image = rule.image ?? preset?.image ?? EVERY_IMAGE;
    return {
      name: preset?.name ?? image.text,
      image,
      // A rule's own signers stand in for the preset's: they are the more particular word.
      signers: rule.signers.length > 0 ? rule.signers.map(signerRule) : (preset?.signers ?? []),
      provenance:
        rule.provenance === null
          ? null
          : {
              builder: textRule(rule.provenance.builder),
              source: textRule(rule.provenance.source),
              ref: textRule(rule.provenance.ref),
            },
      attestations: rule.attestations,
    };
  });
}

/** Every public key that the rules name: what must be read before signatures are looked at. Pure. */
export function keySources(settings: TrustSettings): readonly KeySource[] {
  const sources = settings.flatMap((rule): KeySource[] => {
    const own = rule.signers.flatMap((signer): KeySource[] => {
      if ('key' in signer) return [{ name: keyName(signer.key), from: 'pem', pem: signer.key }];
      if ('keyFile' in signer) return [{ name: signer.keyFile, from: 'file', path: signer.keyFile }];
      return [];
    });
    if (own.length > 0 || rule.signers.length > 0) return own;
    const preset = TRUST_PRESETS.find((candidate) => candidate.name === rule.preset);
    return Object.entries(preset?.keyUrls ?? {}).map(([name, url]) => ({ name, from: 'url', url }));
  });
  return [...new Map(sources.map((source) => [source.name, source])).values()];
}

function signerRule(signer: SignerSettings): SignerRule {
  if ('key' in signer) return { kind: 'key', key: keyName(signer.key), log: signer.log };
  if ('keyFile' in signer) return { kind: 'key', key: signer.keyFile, log: signer.log };
  return {
    kind: 'keyless',
    identity:
      signer.identity === undefined ? { glob: signer.identityPattern ?? '' } : { equals: signer.identity },
    issuer: signer.issuer === undefined ? { glob: signer.issuerPattern ?? '' } : { equals: signer.issuer },
    log: signer.log,
  };
}

/** A name for a key written in place: the end of its text, which is where two keys differ. */
function keyName(pem: string): string {
  const body = pem
    .split('\n')
    .filter((line) => !line.startsWith('-----'))
    .join('')
    .trim();
  return `…${body.slice(-24)}`;
}

function textRule(text: string | undefined): TextRule | null {
  if (text === undefined) return null;
  return text.includes('*') ? { glob: text } : { equals: text };
}
