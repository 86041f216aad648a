import type { Severity } from '../assess/scan.ts';
import type { SeverityAction, SignerRule, Stage, TextRule } from '../config/policy-terms.ts';
import type { ImagePattern } from '../domain/image-glob.ts';
import type { RotationRules } from './decide.ts';

/** What a gate does with what it finds: fail the check (and, for trust, refuse the move), or show it. */
export type GateMode = 'enforce' | 'show';

export type Gates = {
  /** New CRITICALs that are not in the baseline file. */
  readonly baseline: GateMode;
  /** Pins past their maximum age. */
  readonly age: GateMode;
  /** Signatures and provenance where rules exist. */
  readonly trust: GateMode;
};

/** The clocks an age can be taken from. */
export type AgeBasis = 'published' | 'first-seen' | 'pinned-on';

export type AgeRules = {
  /** Days a pin may be old; null: no limit. A pin of exactly this age is not past it. */
  readonly maximumDays: number | null;
  /** Days a new digest waits after it was first seen; 0: none. */
  readonly minimumDays: number;
  /** Which clock counts: the first of these that is known and believable. */
  readonly basis: readonly AgeBasis[];
  /** Per cent of the maximum after which a pin is `ageing`. */
  readonly ageingPercent: number;
  readonly stagnant: 'warn' | 'violation';
  readonly unknown: 'warn' | 'failure' | 'violation';
  /** A fix of one of these severities skips the cool-down. */
  readonly skipMinimumFor: readonly Severity[];
  /** When the cool-down would keep a pin past its maximum age: move it, or hold it and say so. */
  readonly pastMaximum: 'rotate' | 'hold';
  /** Whether a pull request fails for old pins that it did not touch. */
  readonly strict: boolean;
};

export type FixabilityActions = {
  /** For findings that a newer package version fixes. */
  readonly fixable: SeverityAction;
  /** For findings without a fix yet. */
  readonly unfixable: SeverityAction;
};

export type SeverityRules = {
  readonly actions: Readonly<Record<Severity, FixabilityActions>>;
  /** What to do when nothing could be scanned. */
  readonly withoutScan: 'adopt' | 'hold';
};

/** A recorded exception: an accepted finding, by a person, with a reason and an end. */
export type Exception = {
  /** The vulnerability's id or one of its aliases. */
  readonly id: string;
  readonly image: ImagePattern;
  readonly reason: string;
  readonly by: string;
  /** The last day it counts, `YYYY-MM-DD` in UTC. */
  readonly expires: string;
  /** Whether it also lifts the action `block`; otherwise only `exception`. */
  readonly liftsBlock: boolean;
};

export type UrgentRules = {
  /** A fix of one of these severities is urgent. */
  readonly severities: readonly Severity[];
  /** Known-exploited ids: a fix is urgent whatever its severity. */
  readonly ids: readonly string[];
  readonly label: string;
};

export type ProvenanceRule = {
  readonly builder: TextRule | null;
  readonly source: TextRule | null;
  /** The branch or tag it was built from, `refs/heads/main`. */
  readonly ref: TextRule | null;
};

/** What is wanted of one group of images before a digest is adopted. */
export type TrustRule = {
  /** For people: the preset's name or the pattern. */
  readonly name: string;
  readonly image: ImagePattern;
  /** Any one of these must have signed the digest; empty: no signature is wanted. */
  readonly signers: readonly SignerRule[];
  /** Signed SLSA provenance by one of the signers; null: none is wanted. */
  readonly provenance: ProvenanceRule | null;
  /** Signed attestations wanted besides. */
  readonly attestations: readonly ('sbom' | 'vex')[];
};

/** Everything policy asks of one image, resolved: no patterns, stages or overrides are left. */
export type ImageRules = {
  readonly stage: Stage;
  readonly gates: Gates;
  readonly age: AgeRules;
  readonly severity: SeverityRules;
  readonly rotation: RotationRules;
  readonly pinned: 'required' | 'warn' | 'off';
  readonly exceptions: readonly Exception[];
  readonly urgent: UrgentRules;
  /** The rules whose pattern matches the image. All of them must hold. */
  readonly trust: readonly TrustRule[];
  /** What a signature that was there on the old digest and is missing on the new one does. */
  readonly lostSignature: 'warn' | 'block';
  /** For people: where each setting came from, in the order applied. */
  readonly matched: readonly string[];
};
