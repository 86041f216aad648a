import type { Finding } from '../assess/scan.ts';
import type { ImageTrust } from '../assess/signature.ts';
import { type Digest, shortDigest } from '../domain/digest.ts';
import { familiarName, type TaggedImage, tagKey } from '../domain/image-reference.ts';
import { compareText } from '../domain/text.ts';
import type { AgeAssessment, PinClocks } from './age.ts';
import { type Baseline, newCriticals } from './baseline.ts';
import type { ImageRules } from './rules.ts';
import { judgeTrust } from './trust.ts';
import type { Reason, ReasonCode, Verdict } from './verdict.ts';

const ACCEPTABLE: ReadonlySet<ReasonCode> = new Set([
  'introduced-vulnerability',
  'exception-missing',
  'exception-expired',
]);

/** One place that names the image. */
export type CheckSite = { readonly file: string; readonly line: number };

/** One image at one digest, as the files have it, with all that is known of it. */
export type PinToCheck = {
  readonly image: TaggedImage;
  /** Null: a reference without a digest. */
  readonly digest: Digest | null;
  readonly sites: readonly CheckSite[];
  /** What the tag points to now; null where no registry answered. */
  readonly latest: Digest | null;
  readonly clocks: PinClocks;
  /** Of the pinned digest; null where there is none. */
  readonly age: AgeAssessment | null;
  /** What a rotation would do; null where no registry answered. */
  readonly verdict: Verdict | null;
  /** Why, the deciding reason first; empty where no registry answered. */
  readonly reasons: readonly Reason[];
  readonly rules: ImageRules;
  /** Whether the change under judgement brings or moves this pin; true outside of pull requests. */
  readonly touched: boolean;
  /** The scan of the pinned digest; null where there was none. */
  readonly findings: readonly Finding[] | null;
  /** Signatures of the pinned digest; null where they were not looked at. */
  readonly trust: ImageTrust | null;
  /** Other tags of the image that are alive: what a stagnant pin could move to. */
  readonly liveTags: readonly string[];
};

export type CheckRule =
  | 'expired'
  | 'stagnant'
  | 'unknown-age'
  | 'unpinned'
  | 'new-critical'
  | 'untrusted'
  | 'unmatched-trust'
  | 'ledger';

/** One thing found at one place. A `violation` fails the check, a `warning` is shown. */
export type CheckFinding = {
  readonly rule: CheckRule;
  readonly level: 'violation' | 'warning';
  /** `docker.io/library/python:3.11`; of a rule that matches nothing, its pattern. */
  readonly image: string;
  readonly file: string;
  readonly line: number;
  /** What is wrong, and the command that fixes it. */
  readonly message: string;
};

export type CheckReport = {
  /** Every reference that was judged, in the order given; those without a digest too. */
  readonly pins: readonly PinToCheck[];
  /** Sorted by file, line and rule; one a site. */
  readonly findings: readonly CheckFinding[];
  readonly violations: readonly CheckFinding[];
};

export type CheckContext = {
  readonly asOf: Date;
  /** Accepted CRITICALs; null where there is no baseline file: then none is accepted. */
  readonly baseline: Baseline | null;
};

/** What a rule found, before it is laid on the sites. */
type Matter = { readonly rule: CheckRule; readonly enforced: boolean; readonly message: string };

/**
 * Judges pins as they stand: their age, unpinned references, CRITICALs that are not in the baseline, and trust. The same
 * for a terminal, a pull request (the pins it has after the merge; what it did not touch warns, unless `strict`) and the
 * default branch. Pure.
 */
export function checkPins(pins: readonly PinToCheck[], context: CheckContext): CheckReport {
  const findings: CheckFinding[] = [];
  for (const pin of pins) {
    const matters: Matter[] = [];
    if (pin.digest === null) matters.push(...unpinned(pin));
    else matters.push(...ageMatters(pin, pin.digest), ...criticalMatters(pin, context));
    matters.push(...trustMatters(pin));
    for (const matter of matters) findings.push(...atSites(pin, matter));
  }
  const sorted = sortFindings(findings);
  return { pins, findings: sorted, violations: sorted.filter((f) => f.level === 'violation') };
}

/** By file, line, rule and image: the same order on every run. */
export function sortFindings(findings: readonly CheckFinding[]): readonly CheckFinding[] {
  return findings.toSorted(
    (a, b) =>
      compareText(a.file, b.file) ||
      a.line - b.line ||
      compareText(a.rule, b.rule) ||
      compareText(a.image, b.image),
  );
}

/** `python:3.11`, as people and `/rotate` name it. */
function shortName(image: TaggedImage): string {
  return `${familiarName(image)}:${image.tag}`;
}

function ageMatters(pin: PinToCheck, digest: Digest): readonly Matter[] {
  const { age, rules } = pin;
  if (age === null) return [];
  const enforced = rules.gates.age === 'enforce';
  const name = shortName(pin.image);
  const what = `${name} at ${shortDigest(digest)}: ${age.message}`;
  switch (age.status) {
    case 'fresh':
    case 'ageing':
      return [];
    case 'expired': {
      const newer = pin.latest === null ? '' : ` (${shortDigest(pin.latest)})`;
      const message = `${what}${newer}. ${remedyOf(pin)}`;
      return [{ rule: 'expired', enforced, message }];
    }
    case 'stagnant': {
      const alive =
        pin.liveTags.length === 0
          ? 'Look for a tag that is still built'
          : `Tags that are still built: ${pin.liveTags.join(', ')}`;
      return [
        {
          rule: 'stagnant',
          enforced: enforced && rules.age.stagnant === 'violation',
          message: `${what}. ${alive}`,
        },
      ];
    }
    case 'unknown':
      if (rules.age.maximumDays === null) return [];
      return [
        { rule: 'unknown-age', enforced: enforced && rules.age.unknown === 'violation', message: what },
      ];
  }
}

function unpinned(pin: PinToCheck): readonly Matter[] {
  if (pin.rules.pinned === 'off') return [];
  const name = shortName(pin.image);
  const isStopped = pin.verdict === 'hold' || pin.verdict === 'block';
  const remedy = isStopped ? remedyOf(pin) : `Pin it: pinwheel rotate --pin --write --only ${name}`;
  const message = `${name} is not pinned to a digest. ${remedy}`;
  return [{ rule: 'unpinned', enforced: pin.rules.pinned === 'required', message }];
}

function criticalMatters(pin: PinToCheck, context: CheckContext): readonly Matter[] {
  if (pin.findings === null) return [];
  const { rules } = pin;
  const baseline = context.baseline ?? new Map();
  const found = newCriticals(pin.image, pin.findings, baseline, rules.exceptions, context.asOf);
  if (found.length === 0) return [];
  const named = found.slice(0, 5).map((finding) => `${finding.id} (${finding.package})`);
  const more = found.length > named.length ? ` and ${found.length - named.length} more` : '';
  const message = `${shortName(pin.image)} has critical vulnerabilities that the baseline does not accept: ${named.join(', ')}${more}. ${remedyOf(pin)}`;
  return [{ rule: 'new-critical', enforced: rules.gates.baseline === 'enforce', message }];
}

function trustMatters(pin: PinToCheck): readonly Matter[] {
  const { rules } = pin;
  if (rules.trust.length === 0) return [];
  const enforced = rules.gates.trust === 'enforce';
  // Where nothing is enforced and nothing was looked up, "not checked" would only be noise.
  if (pin.trust === null && !enforced) return [];
  return judgeTrust(pin.trust, rules.trust)
    .filter((finding) => finding.outcome !== 'satisfied')
    .map((finding) => ({
      rule: 'untrusted' as const,
      enforced,
      message: `${shortName(pin.image)}: ${finding.message}`,
    }));
}

function atSites(pin: PinToCheck, matter: Matter): readonly CheckFinding[] {
  const spared = !pin.touched && !pin.rules.age.strict;
  const level = matter.enforced && !spared ? 'violation' : 'warning';
  return pin.sites.map((site) => ({
    rule: matter.rule,
    level,
    image: tagKey(pin.image),
    file: site.file,
    line: site.line,
    message: matter.message,
  }));
}

/** What helps: a rotation where one would be made, else what stands against it. */
function remedyOf({ image, verdict, reasons }: PinToCheck): string {
  const name = shortName(image);
  const why = reasons[0]?.message ?? '';
  switch (verdict) {
    case 'rotate':
      return `Fix: pinwheel rotate --write --only ${name}, or comment "/rotate ${name}"`;
    case 'hold':
      return `The newer digest is held: ${why}`;
    case 'block':
      return `The newer digest is blocked: ${why}. ${isAcceptable(reasons) ? 'Record an exception, or choose' : 'Choose'} another tag`;
    case 'current':
    case null:
      return 'Choose another tag, or record an exception';
  }
}

/** Whether a recorded exception could let it through: what a scan found, not what was signed. */
function isAcceptable(reasons: readonly Reason[]): boolean {
  const [first] = reasons;
  return first !== undefined && ACCEPTABLE.has(first.code);
}
