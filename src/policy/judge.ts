import type { ImageTrust } from '../assess/signature.ts';
import type { Digest } from '../domain/digest.ts';
import { tagKey } from '../domain/image-reference.ts';
import { type AgeAssessment, assessAge, type PinClocks } from './age.ts';
import { type CoolDown, coolDown, type SeenDigest } from './cool-down.ts';
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
  /** Of the digest that is pinned. */
  readonly clocks: PinClocks;
  /** When the digest the tag points to was first seen; null: never before. */
  readonly firstSeen: Date | null;
  /** Other digests of the tag that came after the pinned one and can still be pulled. */
  readonly earlier: readonly SeenDigest[];
  /** Why the image is left alone; null where it is not. */
  readonly ignored: string | null;
  readonly ignoredDigests: readonly Digest[];
  /** A hold that stands today. */
  readonly hold: { readonly until: string | null; readonly reason: string | null } | null;
  /** The digest that `security` and `trustAfter` speak of; null: the one the tag points to. */
  readonly about: Digest | null;
  readonly security: SecurityFact | null;
  readonly trustBefore: ImageTrust | null;
  readonly trustAfter: ImageTrust | null;
  /** What the cool-down came to when `security` spoke of the tag's own digest; null on the first call. */
  readonly coolDown: CoolDown | null;
};

export type Judgement = Decision & {
  /** The digest to write; null where nothing moves. */
  readonly adopt: Digest | null;
  /**
   * Set where another digest than the one the facts speak of would be adopted: gather its facts and judge again, with
   * `about` this digest and `coolDown` of this judgement. Until then the verdict is `hold`.
   */
  readonly wants: Digest | null;
  readonly coolDown: CoolDown | null;
  /** Of the digest that is pinned. */
  readonly age: AgeAssessment;
  readonly trust: readonly TrustFinding[];
  readonly urgency: Urgency;
};

type MovedResolution = Extract<AnsweredResolution, { readonly to: Digest }>;

type Opinion = { readonly verdict: Verdict; readonly reasons: readonly Reason[] };

const STRICTNESS: readonly Verdict[] = ['current', 'rotate', 'hold', 'block'];

/**
 * The verdict on one pin, the same in a rotation, on a pull request, on the default branch and in a terminal: what the
 * registry said, then holds, minimum and maximum age, severity, signatures and provenance. The strictest opinion decides
 * and its reasons come first; every other reason is kept. Pure.
 */
export function judge(facts: PinFacts, rules: ImageRules): Judgement {
  const { resolution, asOf } = facts;
  const rotation = decideRotation(resolution, { now: asOf, firstSeen: facts.firstSeen }, rules.rotation);
  const age = assessAge({ clocks: facts.clocks, hasNewer: rotation.verdict !== 'current' }, rules.age, asOf);
  const idle = { adopt: null, wants: null, coolDown: null, age, trust: [], urgency: notUrgent() };
  if (resolution.status === 'current' || resolution.status === 'unfollowable')
    return { ...rotation, ...idle };

  const waiting =
    resolution.from === null ? null : (facts.coolDown ?? coolDownOf(facts, resolution, age, rules));
  const adopt = waiting?.outcome === 'adopt' ? waiting.digest : resolution.to;
  const about = facts.about ?? resolution.to;
  const opinions: Opinion[] = [rotation, held(facts, adopt, age)];
  if (waiting !== null) opinions.push(coolDownOpinion(waiting));
  if (about !== adopt) {
    const wants: Opinion = { verdict: 'hold', reasons: [] };
    return { ...combine([...opinions, wants]), ...idle, adopt: null, wants: adopt, coolDown: waiting };
  }
  const trust = judgeTrust(facts.trustAfter, rules.trust);
  const lost = resolution.from === null ? null : judgeLostSignature(facts.trustBefore, facts.trustAfter);
  if (resolution.from !== null) opinions.push(severityOpinion(facts, rules));
  opinions.push(trustOpinion(trust, rules), lostOpinion(lost, rules));
  const decided = combine(opinions);
  return {
    ...decided,
    adopt: decided.verdict === 'rotate' ? adopt : null,
    wants: null,
    coolDown: waiting,
    age,
    trust: lost === null ? trust : [...trust, lost],
    urgency: judgeUrgency(facts.security?.fixed ?? [], rules.urgent),
  };
}

function coolDownOf(
  facts: PinFacts,
  resolution: MovedResolution,
  age: AgeAssessment,
  rules: ImageRules,
): CoolDown {
  return coolDown(
    {
      asOf: facts.asOf,
      candidate: { digest: resolution.to, firstSeen: facts.firstSeen },
      // The tag may have pointed back to what is pinned: adopting that is no move.
      earlier: facts.earlier.filter(
        ({ digest }) => digest !== resolution.from && !facts.ignoredDigests.includes(digest),
      ),
      age,
      fixed: facts.security?.fixed ?? null,
    },
    rules.age,
  );
}

function coolDownOpinion(waiting: CoolDown): Opinion {
  return { verdict: waiting.outcome === 'wait' ? 'hold' : 'rotate', reasons: waiting.reasons };
}

/** What people said: leave it, not this digest, not now. A hold past the maximum age is never silent. */
function held(facts: PinFacts, adopt: Digest, age: AgeAssessment): Opinion {
  const name = tagKey(facts.resolution.image);
  const reasons: Reason[] = [];
  if (facts.ignored !== null) {
    reasons.push({ code: 'ignored-by-configuration', message: `${name} is left alone: ${facts.ignored}` });
  } else if (facts.ignoredDigests.includes(adopt)) {
    reasons.push({
      code: 'ignored-by-configuration',
      message: `the configuration ignores ${adopt} of ${name}`,
    });
  }
  if (facts.hold !== null) {
    const until = facts.hold.until === null ? 'until the hold is taken out' : `until ${facts.hold.until}`;
    const because = facts.hold.reason === null ? '' : `: ${facts.hold.reason}`;
    reasons.push({ code: 'held-by-configuration', message: `${name} is held ${until}${because}` });
  }
  if (reasons.length > 0 && age.status === 'expired') {
    reasons.push({
      code: 'maximum-age',
      message: `meanwhile the pin is past its maximum age: ${age.message}`,
    });
  }
  return { verdict: reasons.length > 0 ? 'hold' : 'rotate', reasons };
}

function severityOpinion(facts: PinFacts, rules: ImageRules): Opinion {
  const { image } = facts.resolution;
  const exploited = rules.urgent.ids;
  if (facts.security === null) {
    if (rules.severity.withoutScan === 'adopt') return { verdict: 'rotate', reasons: [] };
    const message = 'vulnerabilities are not known: nothing was scanned';
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

function notUrgent(): Urgency {
  return { urgent: false, because: [], label: null };
}
