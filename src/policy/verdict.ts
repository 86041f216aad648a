/**
 * What policy decides of one image pin.
 * - `current`: nothing to move. - `rotate`: move it. - `hold`: not now (time, a person or a lost platform stands against it).
 * - `block`: not this digest (severity, signature or provenance stands against it).
 */
export type Verdict = 'current' | 'rotate' | 'hold' | 'block';

/** Why: a closed code for machines and a sentence for people. */
export type Reason = {
  readonly code: ReasonCode;
  readonly message: string;
};

export type ReasonCode =
  | 'up-to-date'
  | 'index-churn'
  | 'newer-digest'
  | 'first-pin'
  | 'newer-tag'
  | 'tag-kept'
  | 'pinning-off'
  | 'edit-refused'
  | 'old-digest-gone'
  | 'lost-platform'
  | 'platform-gone'
  | 'settling'
  | 'cool-down'
  | 'cool-down-skipped'
  | 'maximum-age'
  | 'held-by-configuration'
  | 'ignored-by-configuration'
  | 'introduced-vulnerability'
  | 'introduced-outweighed'
  | 'exception-recorded'
  | 'exception-missing'
  | 'exception-expired'
  | 'fixes-critical'
  | 'signature-missing'
  | 'signature-invalid'
  | 'signature-lost'
  | 'signature-verified'
  | 'provenance-missing'
  | 'provenance-invalid'
  | 'provenance-verified'
  | 'rule-not-evaluable'
  | 'scan-unavailable'
  | 'disagreement';
