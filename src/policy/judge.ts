import type { ImageTrust } from '../assess/signature.ts';
import type { Digest } from '../domain/digest.ts';
import { type TaggedImage, tagKey } from '../domain/image-reference.ts';
import { moveOf } from '../resolve/resolution.ts';
import type { AgeAssessment } from './age.ts';
import type { CoolDown } from './cool-down.ts';
import { type AnsweredResolution, type Decision, decideRotation } from './decide.ts';
import type { ImageRules } from './rules.ts';
import { judgeSeverity, type SecurityFact } from './severity.ts';
import { judgeLostSignature, judgeTrust, type TrustFinding, trustReason } from './trust.ts';
import { judgeUrgency, type Urgency } from './urgent.ts';
import type { Reason, Verdict } from './verdict.ts';

/** All that is known of one pin and its move. What was not looked at is null, and policy says so where it matters. */
export type PinFacts = {
  readonly resolution: AnsweredResolution;
  /** The moment the question is asked for. */
  readonly asOf: Date;
  /** Of the digest that is pinned; null where it was not looked up. */
  readonly age: AgeAssessment | null;
  /** When the digest the tag points to was first seen; null: never before. */
  readonly firstSeen: Date | null;
  readonly ignoredDigests: readonly Digest[];
  /** Whether a newer tag is to be written that points to the digest that is pinned. */
  readonly isRetag: boolean;
  /** A hold that stands today. */
  readonly hold: { readonly until: string | null; readonly reason: string | null } | null;
  /** Which digest of the tag the cool-down lets through; null where nothing is pinned yet, or nothing moves. */
  readonly coolDown: CoolDown | null;
  /** Of the digest that {@link candidateOf} names, as is `trustAfter`. */
  readonly security: SecurityFact | null;
  readonly trustBefore: ImageTrust | null;
  readonly trustAfter: ImageTrust | null;
};

export type Judgement = Decision & {
  /** The digest to write; null where nothing moves. */
  readonly adopt: Digest | null;
  readonly trust: readonly TrustFinding[];
  readonly urgency: Urgency;
};

type Opinion = { readonly verdict: Verdict; readonly reasons: readonly Reason[] };

const NOT_URGENT: Urgency = { urgent: false, because: [], label: null };
const STRICTNESS: readonly Verdict[] = ['current', 'rotate', 'hold', 'block'];

/** The digest that may be adopted: what the cool-down lets through, else what the tag points to. Null where nothing moves. */
export function candidateOf(resolution: AnsweredResolution, waiting: CoolDown | null): Digest | null {
  return waiting?.outcome === 'adopt' ? waiting.digest : (moveOf(resolution)?.to ?? null);
}

/**
 * The verdict on one pin, the same in a rotation, on a pull request, on the default branch and in a terminal: what the
 * registry said, then holds, minimum and maximum age, severity, signatures and provenance. The strictest opinion decides
 * and its reasons come first; every other reason is kept. Pure.
 */
export function judge(facts: PinFacts, rules: ImageRules): Judgement {
  const { resolution, asOf, coolDown } = facts;
  const rotation = decideRotation(resolution, { now: asOf, firstSeen: facts.firstSeen }, rules.rotation);
  const candidate = candidateOf(resolution, coolDown);
  if (candidate === null && facts.isRetag) return judgeRetag(facts, rules, rotation);
  if (candidate === null) return { ...rotation, adopt: null, trust: [], urgency: NOT_URGENT };

  const opinions: Opinion[] = [rotation, held(facts, candidate)];
  if (coolDown !== null) opinions.push(coolDownOpinion(coolDown));
  const trust = judgeTrust(facts.trustAfter, rules.trust);
  const lost = resolution.from === null ? null : judgeLostSignature(facts.trustBefore, facts.trustAfter);
  if (resolution.from !== null) opinions.push(severityOpinion(facts, rules));
  opinions.push(trustOpinion(trust, rules), lostOpinion(lost, rules));
  const decided = combine(opinions);
  return {
    ...decided,
    adopt: decided.verdict === 'rotate' ? candidate : null,
    trust: lost === null ? trust : [...trust, lost],
    urgency: judgeUrgency(facts.security?.fixed ?? [], rules.urgent),
  };
}

/** A newer tag with the digest that is pinned already: no image changes, but people and trust rules may be against the tag. */
function judgeRetag(facts: PinFacts, rules: ImageRules, rotation: Decision): Judgement {
  const pinned = facts.resolution.from ?? facts.resolution.latest.digest;
  const trust = judgeTrust(facts.trustAfter, rules.trust);
  const retag: Opinion = { verdict: 'rotate', reasons: rotation.reasons };
  const decided = combine([retag, held(facts, pinned), trustOpinion(trust, rules)]);
  return { ...decided, adopt: null, trust, urgency: NOT_URGENT };
}

function coolDownOpinion(waiting: CoolDown): Opinion {
  return { verdict: waiting.outcome === 'wait' ? 'hold' : 'rotate', reasons: waiting.reasons };
}

/** What people said: not this digest, not now. A hold past the maximum age is never silent. */
function held(facts: PinFacts, candidate: Digest): Opinion {
  const name = tagKey(facts.resolution.image);
  const { age } = facts;
  const reasons: Reason[] = [];
  if (facts.ignoredDigests.includes(candidate)) {
    reasons.push({
      code: 'ignored-by-configuration',
      message: `the configuration ignores ${candidate} of ${name}`,
    });
  }
  if (facts.hold !== null) reasons.push(holdReason(facts.resolution.image, facts.hold));
  if (reasons.length > 0 && age?.status === 'expired') {
    reasons.push({
      code: 'maximum-age',
      message: `meanwhile the pin is past its maximum age: ${age.message}`,
    });
  }
  return { verdict: reasons.length > 0 ? 'hold' : 'rotate', reasons };
}

/** That a person holds an image, until when and why. */
function holdReason(image: TaggedImage, hold: NonNullable<PinFacts['hold']>): Reason {
  const until = hold.until === null ? 'until the hold is removed' : `until ${hold.until}`;
  const because = hold.reason === null ? '' : `: ${hold.reason}`;
  return { code: 'held-by-configuration', message: `${tagKey(image)} is held ${until}${because}` };
}

function severityOpinion(facts: PinFacts, rules: ImageRules): Opinion {
  const { image } = facts.resolution;
  const exploited = rules.urgent.ids;
  if (facts.security === null) {
    if (rules.severity.withoutScan === 'adopt') return { verdict: 'rotate', reasons: [] };
    const message = 'vulnerabilities unknown: nothing was scanned';
    return { verdict: 'hold', reasons: [{ code: 'scan-unavailable', message }] };
  }
  const context = { image, asOf: facts.asOf, exceptions: rules.exceptions, exploited };
  const judged = judgeSeverity(facts.security, rules.severity, context);
  const critical = facts.security.fixed.find((finding) => finding.severity === 'critical');
  const fixes: readonly Reason[] =
    critical === undefined
      ? []
      : [{ code: 'fixes-critical', message: `it fixes ${critical.id} (${critical.package}, critical)` }];
  const verdict = judged.outcome === 'pass' ? 'rotate' : judged.outcome;
  return { verdict, reasons: [...judged.reasons, ...fixes] };
}

function trustOpinion(findings: readonly TrustFinding[], rules: ImageRules): Opinion {
  const refused = findings.some((finding) => finding.outcome !== 'satisfied');
  const verdict = refused && rules.gates.trust === 'enforce' ? 'block' : 'rotate';
  const sorted = findings.toSorted(
    (a, b) => Number(a.outcome === 'satisfied') - Number(b.outcome === 'satisfied'),
  );
  return { verdict, reasons: sorted.map(trustReason) };
}

function lostOpinion(lost: TrustFinding | null, rules: ImageRules): Opinion {
  if (lost === null) return { verdict: 'rotate', reasons: [] };
  return { verdict: rules.lostSignature === 'block' ? 'block' : 'rotate', reasons: [trustReason(lost)] };
}

/** The strictest verdict; its reasons first, then the others in the order given. */
function combine(opinions: readonly Opinion[]): Decision {
  const verdict = opinions.reduce<Verdict>(
    (strictest, { verdict: own }) =>
      STRICTNESS.indexOf(own) > STRICTNESS.indexOf(strictest) ? own : strictest,
    'current',
  );
  const deciding = opinions
    .filter((opinion) => opinion.verdict === verdict)
    .flatMap(({ reasons }) => reasons);
  const others = opinions.filter((opinion) => opinion.verdict !== verdict).flatMap(({ reasons }) => reasons);
  const [first, ...rest] = [...deciding, ...others];
  if (first === undefined) throw new RangeError('a verdict without a reason');
  return { verdict, reasons: [first, ...rest] };
}
