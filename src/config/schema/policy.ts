import * as v from 'valibot';
import { SEVERITY_ACTIONS, STAGES } from '../policy-terms.ts';
import { lostSignatureSchema, trustSchema } from './trust.ts';
import { day, days, imagePattern, repositoryPath } from './values.ts';

const severity = v.picklist(
  ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'],
  'expected critical, high, medium, low, negligible or unknown',
);
const action = v.picklist(SEVERITY_ACTIONS, 'expected block, exception, note or ignore');
const gate = v.picklist(['enforce', 'show'], 'expected enforce or show');
const shortText = v.pipe(v.string(), v.nonEmpty('expected a non-empty string'), v.maxLength(1000));
const vulnerabilityId = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{2,99}$/, 'expected an id such as "CVE-2026-1111"'),
);

const BASES = ['published', 'first-seen', 'pinned-on'] as const;

const ageSchema = v.strictObject({
  /** A pin older than this is a violation where a newer digest exists; `false`: no limit. */
  maximum: v.optional(v.union([v.literal(false), days], 'expected a duration ("14d") or false'), 14),
  /** A new digest waits until it was first seen this long ago. */
  minimum: v.optional(days, 0),
  /** Which clock counts: the first that is known and believable. */
  basis: v.optional(
    v.pipe(
      v.array(v.picklist(BASES, 'expected published, first-seen or pinned-on')),
      v.minLength(1),
      v.check((list) => new Set(list).size === list.length, 'expected each clock only once'),
    ),
    [...BASES],
  ),
  /** Per cent of the maximum after which a pin is shown as ageing. */
  ageingPercent: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(100)), 75),
  /** A pin past its maximum that upstream's tag still points to. */
  stagnant: v.optional(v.picklist(['warn', 'violation'], 'expected warn or violation'), 'warn'),
  /** A pin of unknown age: shown, a failure of the check (never a pass by accident), or a violation. */
  unknown: v.optional(
    v.picklist(['warn', 'failure', 'violation'], 'expected warn, failure or violation'),
    'failure',
  ),
  /** A fix of one of these severities skips the cool-down. */
  skipMinimumFor: v.optional(v.array(severity), ['critical', 'high']),
  /** When the cool-down would keep a pin past its maximum age. */
  pastMaximum: v.optional(v.picklist(['rotate', 'hold'], 'expected rotate or hold'), 'rotate'),
  /** Whether a pull request also fails for old pins that it did not touch. */
  strict: v.optional(v.boolean(), false),
});

const severityAction = v.pipe(
  v.union(
    [action, v.strictObject({ fixable: action, unfixable: action })],
    'expected block, exception, note, ignore, or "fixable" and "unfixable"',
  ),
  v.transform((value) => (typeof value === 'string' ? { fixable: value, unfixable: value } : value)),
);

const severitySchema = v.strictObject({
  critical: v.optional(severityAction, 'block'),
  high: v.optional(severityAction, 'block'),
  medium: v.optional(severityAction, 'exception'),
  low: v.optional(severityAction, 'note'),
  negligible: v.optional(severityAction, 'note'),
  /** Findings without a rating. */
  unknown: v.optional(severityAction, 'exception'),
  /** When nothing could be scanned: adopt the digest and say so, or hold it. */
  withoutScan: v.optional(v.picklist(['adopt', 'hold'], 'expected adopt or hold'), 'adopt'),
});

const exceptionSchema = v.strictObject({
  /** The vulnerability's id or one of its aliases. */
  id: vulnerabilityId,
  /** Default: every image. */
  image: v.optional(imagePattern, '**'),
  reason: shortText,
  /** Who accepted it. */
  by: shortText,
  /** The last day it counts. */
  expires: day,
  /** Whether it also lifts the action `block`. */
  liftsBlock: v.optional(v.boolean(), false),
});

const urgentSchema = v.strictObject({
  /** A rotation that fixes one of these severities runs at once. */
  severities: v.optional(v.array(severity), ['critical']),
  /** Known-exploited ids: a fix is urgent whatever its severity. */
  ids: v.optional(v.pipe(v.array(vulnerabilityId), v.maxLength(5000)), []),
  label: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(50)), 'security'),
});

/** What an organisation can lock against weakening by a repository. */
export const LOCKABLE = [
  'stage',
  'gates',
  'age',
  'pinned',
  'severity',
  'exceptions',
  'lostSignature',
  'trust',
] as const;

/**
 * The key `policy` of the configuration: what turns facts into verdicts. Every default stands here.
 * `enforced` counts in an organisation's file only.
 */
export const policySchema = v.strictObject({
  /** Absent: `monitor`; `pinwheel check`, which somebody calls to be told, takes `age` then. */
  stage: v.optional(v.picklist(STAGES, 'expected monitor, baseline, age or provenance')),
  /** Single gates, over what the stage says. */
  gates: v.optional(
    v.strictObject({ baseline: v.optional(gate), age: v.optional(gate), trust: v.optional(gate) }),
    {},
  ),
  age: v.optional(ageSchema, {}),
  /** What a reference without a digest is. */
  pinned: v.optional(v.picklist(['required', 'warn', 'off'], 'expected required, warn or off'), 'warn'),
  severity: v.optional(severitySchema, {}),
  exceptions: v.optional(v.pipe(v.array(exceptionSchema), v.maxLength(1000)), []),
  /** The file of accepted CRITICALs, compared at the stage `baseline` and after. */
  baseline: v.optional(repositoryPath, '.github/pinwheel-baseline.json'),
  urgent: v.optional(urgentSchema, {}),
  trust: v.optional(trustSchema, []),
  lostSignature: v.optional(lostSignatureSchema),
  /** Adopt an index that lacks platforms the pinned one had. */
  allowLostPlatforms: v.optional(v.boolean(), false),
  /** How long an index must have been seen unchanged before it is adopted. */
  settle: v.optional(days, 0),
  /** Locked against weakening by a repository: all of it, or these settings. */
  enforced: v.optional(
    v.union(
      [v.boolean(), v.array(v.picklist(LOCKABLE))],
      `expected true, or a list of ${LOCKABLE.join(', ')}`,
    ),
    false,
  ),
});

type DeepReadonly<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : { readonly [Key in keyof T]: DeepReadonly<T[Key]> };

/** The key `policy`, every default filled in. */
export type PolicySettings = DeepReadonly<v.InferOutput<typeof policySchema>>;
export type Lockable = (typeof LOCKABLE)[number];

/** All defaults: stage monitor, 14 days, no cool-down. */
export function defaultPolicy(): PolicySettings {
  return v.parse(policySchema, {});
}
