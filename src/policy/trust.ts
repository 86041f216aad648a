import type { ProvenanceFact } from '../assess/provenance.ts';
import type { ImageTrust, SignatureFact, SignatureFaultCode } from '../assess/signature.ts';
import type { SignerRule, TextRule } from '../config/policy-terms.ts';
import { compileTextGlob, globMatches } from '../domain/glob.ts';
import type { ProvenanceRule, TrustRule } from './rules.ts';
import type { Reason, ReasonCode } from './verdict.ts';

/** What one part of one rule came to. */
export type TrustFinding = {
  readonly rule: string;
  readonly outcome: 'satisfied' | 'refused' | 'not-evaluable';
  readonly code: ReasonCode;
  /** Why a signature does not count, where it is that. */
  readonly fault: SignatureFaultCode | null;
  readonly message: string;
};

/**
 * Judges one digest by every rule for its image. A rule is satisfied by one signature of one of its signers, and by
 * attestations of the same signers where it wants them. A rule that cannot be evaluated (facts missing) says so, and
 * counts as not satisfied. `trust` null: nothing was looked at. Pure.
 */
export function judgeTrust(trust: ImageTrust | null, rules: readonly TrustRule[]): readonly TrustFinding[] {
  return rules.flatMap((rule) => {
    if (trust === null) {
      return [notEvaluable(rule, 'the signatures of this digest were not checked')];
    }
    const findings = [judgeSignature(trust, rule)];
    if (rule.provenance !== null) findings.push(judgeProvenance(trust, rule, rule.provenance));
    for (const kind of rule.attestations) findings.push(judgeAttestation(trust, rule, kind));
    return findings;
  });
}

/**
 * A signature that was there on the old digest and is missing on the new one: a finding even without a rule.
 * Null where nothing was lost. `not-evaluable` where the new digest could not be looked at.
 */
export function judgeLostSignature(before: ImageTrust | null, after: ImageTrust | null): TrustFinding | null {
  if (before === null) return null;
  const lost = before.signatures.find((evidence) => evidence.fact.status === 'verified');
  const hadAny = lost ?? before.signatures.find((evidence) => evidence.fact.status === 'invalid');
  if (hadAny === undefined) return null;
  if (after === null) {
    return lostFinding(
      'not-evaluable',
      'the old digest is signed; the signatures of the new one were not checked',
    );
  }
  const kept = after.signatures.some(
    (evidence) =>
      evidence.fact.status === 'verified' || (lost === undefined && evidence.fact.status === 'invalid'),
  );
  if (kept) return null;
  const signedBy = lost === undefined ? 'signed' : `signed by ${sayWho(lost.fact)}`;
  if (after.gaps.length > 0) {
    return lostFinding(
      'not-evaluable',
      `the old digest is ${signedBy}; for the new one: ${after.gaps.join('; ')}`,
    );
  }
  return lostFinding('refused', `the old digest is ${signedBy}, the new one carries no valid signature`);
}

/** The finding as a reason for people and machines. */
export function trustReason(finding: TrustFinding): Reason {
  return { code: finding.code, message: finding.message };
}

function judgeSignature(trust: ImageTrust, rule: TrustRule): TrustFinding {
  const tried = trust.signatures.map(({ fact }) => whyNotSigned(fact, rule.signers));
  const match = tried.find((result) => result.fault === null);
  if (match !== undefined) {
    return finding(rule, 'satisfied', 'signature-verified', `signature verified (${match.detail})`);
  }
  const wanted = rule.signers.map(saySigner).join(' or ');
  if (trust.gaps.length > 0) {
    return notEvaluable(rule, `expected a signature by ${wanted}, but ${trust.gaps.join('; ')}`);
  }
  const nearest = tried.sort((a, b) => rank(a.fault) - rank(b.fault))[0];
  if (nearest === undefined) {
    return finding(rule, 'refused', 'signature-missing', `not signed; expected a signature by ${wanted}`);
  }
  const message = `${nearest.detail}; expected a signature by ${wanted}`;
  return { ...finding(rule, 'refused', 'signature-invalid', message), fault: nearest.fault };
}

function judgeProvenance(trust: ImageTrust, rule: TrustRule, wanted: ProvenanceRule): TrustFinding {
  const signed: { readonly provenance: ProvenanceFact; readonly who: string }[] = [];
  const refusals: string[] = [];
  for (const attestation of trust.attestations) {
    if (attestation.kind !== 'provenance') continue;
    const tried = whyNotSigned(attestation.fact, rule.signers);
    if (tried.fault !== null) refusals.push(tried.detail);
    else if (attestation.provenance === null)
      refusals.push(`${attestation.predicateType} is not a supported version`);
    else signed.push({ provenance: attestation.provenance, who: tried.detail });
  }
  for (const { provenance, who } of signed) {
    const differs = provenanceDiffers(provenance, wanted);
    if (differs === null) {
      const from = provenance.source === null ? '' : ` from ${provenance.source}`;
      const message = `provenance verified: built by ${provenance.builder ?? 'an unnamed builder'}${from} (${who})`;
      return finding(rule, 'satisfied', 'provenance-verified', message);
    }
    refusals.unshift(differs);
  }
  if (refusals[0] !== undefined) {
    return finding(rule, 'refused', 'provenance-invalid', `provenance: ${refusals[0]}`);
  }
  if (trust.gaps.length > 0) return notEvaluable(rule, `expected provenance, but ${trust.gaps.join('; ')}`);
  const unsigned =
    trust.unsignedProvenance.length > 0
      ? ' (there is unsigned provenance by BuildKit, which anyone can write)'
      : '';
  return finding(rule, 'refused', 'provenance-missing', `there is no signed provenance${unsigned}`);
}

function judgeAttestation(trust: ImageTrust, rule: TrustRule, kind: 'sbom' | 'vex'): TrustFinding {
  const tried = trust.attestations
    .filter((attestation) => attestation.kind === kind)
    .map(({ fact }) => whyNotSigned(fact, rule.signers));
  const name = kind === 'sbom' ? 'SBOM' : 'VEX';
  const match = tried.find((result) => result.fault === null);
  if (match !== undefined) {
    return finding(rule, 'satisfied', 'provenance-verified', `signed ${name} verified (${match.detail})`);
  }
  if (tried[0] !== undefined)
    return finding(rule, 'refused', 'provenance-invalid', `${name}: ${tried[0].detail}`);
  if (trust.gaps.length > 0)
    return notEvaluable(rule, `expected a signed ${name}, but ${trust.gaps.join('; ')}`);
  return finding(rule, 'refused', 'provenance-missing', `there is no signed ${name}`);
}

type Tried = { readonly fault: SignatureFaultCode | null; readonly detail: string };

/** Whether one signature is by one of the signers; `detail` says by whom, or why not. */
function whyNotSigned(fact: SignatureFact, signers: readonly SignerRule[]): Tried {
  if (fact.status === 'unsigned') return { fault: 'malformed', detail: 'not signed' };
  if (fact.status === 'unavailable') return { fault: 'malformed', detail: fact.detail };
  if (fact.status === 'invalid') return { fault: fact.code, detail: `signature refused: ${fact.detail}` };
  const tried = signers.map((signer) => compareSigner(fact, signer));
  const match = tried.find((result) => result.fault === null);
  const nearest = match ?? tried.sort((a, b) => rank(a.fault) - rank(b.fault))[0];
  return nearest ?? { fault: 'wrong-identity', detail: `signed by ${sayWho(fact)}` };
}

type VerifiedFact = Extract<SignatureFact, { readonly status: 'verified' }>;

function compareSigner(fact: VerifiedFact, signer: SignerRule): Tried {
  const who = sayWho(fact);
  if (signer.kind === 'key') {
    if (fact.method !== 'key' || fact.identity !== signer.key) {
      return { fault: 'wrong-identity', detail: `signed by ${who}` };
    }
  } else {
    if (fact.method !== 'keyless' || !matchesRule(signer.identity, fact.identity)) {
      return { fault: 'wrong-identity', detail: `signed by ${who}` };
    }
    if (fact.issuer === null || !matchesRule(signer.issuer, fact.issuer)) {
      return { fault: 'wrong-issuer', detail: `signed by ${who}, which is not the expected issuer` };
    }
  }
  if (signer.log === 'required' && !fact.logged) {
    return { fault: 'missing-log-entry', detail: `signed by ${who}, but not in a transparency log` };
  }
  return { fault: null, detail: who };
}

/** Nearer to what is wanted first: the reason that helps most is shown. */
function rank(fault: SignatureFaultCode | null): number {
  if (fault === null) return -1;
  const order: readonly SignatureFaultCode[] = [
    'missing-log-entry',
    'wrong-issuer',
    'expired-certificate',
    'invalid-log-entry',
    'invalid-timestamp',
    'tampered',
    'wrong-digest',
    'other-image',
    'wrong-identity',
    'untrusted-root',
    'unknown-key',
    'malformed',
  ];
  return order.indexOf(fault);
}

function provenanceDiffers(provenance: ProvenanceFact, wanted: ProvenanceRule): string | null {
  for (const part of ['builder', 'source', 'ref'] as const) {
    const rule = wanted[part];
    if (rule === null) continue;
    const value = provenance[part];
    if (value === null) return `it does not name the ${part}, expected ${sayRule(rule)}`;
    if (!matchesRule(rule, value)) return `its ${part} is ${shorten(value)}, expected ${sayRule(rule)}`;
  }
  return null;
}

function matchesRule(rule: TextRule, value: string): boolean {
  return 'equals' in rule ? rule.equals === value : globMatches(compileTextGlob(rule.glob), value);
}

function sayRule(rule: TextRule): string {
  return 'equals' in rule ? rule.equals : rule.glob;
}

function saySigner(signer: SignerRule): string {
  if (signer.kind === 'key') return `the key "${signer.key}"`;
  return `${sayRule(signer.identity)} (${sayRule(signer.issuer)})`;
}

function sayWho(fact: SignatureFact): string {
  if (fact.status !== 'verified') return 'an unknown signer';
  return fact.issuer === null
    ? `the key "${fact.identity}"`
    : `${shorten(fact.identity)} (${shorten(fact.issuer)})`;
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function notEvaluable(rule: TrustRule, message: string): TrustFinding {
  return finding(
    rule,
    'not-evaluable',
    'rule-not-evaluable',
    `the rule "${rule.name}" cannot be evaluated: ${message}`,
  );
}

function lostFinding(outcome: 'refused' | 'not-evaluable', message: string): TrustFinding {
  return { rule: 'lost signature', outcome, code: 'signature-lost', fault: null, message };
}

function finding(
  rule: TrustRule,
  outcome: TrustFinding['outcome'],
  code: ReasonCode,
  message: string,
): TrustFinding {
  return { rule: rule.name, outcome, code, fault: null, message };
}
