/** The steps of strictness, each including the ones before. */
export const STAGES = ['monitor', 'baseline', 'age', 'provenance'] as const;
export type Stage = (typeof STAGES)[number];

/**
 * What an introduced finding does: `block` the digest, want a recorded `exception`, be a `note`, or be ignored.
 * From strict to lax.
 */
export const SEVERITY_ACTIONS = ['block', 'exception', 'note', 'ignore'] as const;
export type SeverityAction = (typeof SEVERITY_ACTIONS)[number];

/** Who may have signed: one way to satisfy a rule. */
export type SignerRule =
  | {
      readonly kind: 'keyless';
      readonly identity: TextRule;
      readonly issuer: TextRule;
      /** Whether an entry in a transparency log is wanted. */
      readonly log: 'required' | 'optional';
    }
  | {
      readonly kind: 'key';
      /** The name the key was configured under; facts tell which key verified by it. */
      readonly key: string;
      readonly log: 'required' | 'optional';
    };

/** A text that must be equal, or match a glob with `*` (any run of characters), whole. */
export type TextRule = { readonly equals: string } | { readonly glob: string };
