import type { Digest } from '../domain/digest.ts';
import { tagKey } from '../domain/image-reference.ts';
import type { Reason, Verdict } from '../policy/verdict.ts';
import { moveOf } from '../resolve/resolution.ts';
import type { PinDecision } from './decision.ts';

/** What a decision comes to once the pins it moves with were asked. */
export type Agreed = {
  readonly decision: PinDecision;
  readonly to: Digest;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
};

/** Decisions that stand or fall together. Never empty. */
export type Unit = readonly Agreed[];

/** A decision that could be taken: the registry answered. */
export type AnsweredDecision = PinDecision & {
  readonly resolution: Exclude<PinDecision['resolution'], { readonly status: 'failed' }>;
};

/**
 * Joins the decisions on pins of one group and one tag, so that they end at one digest: the one the leading pin goes to
 * (the one an ARG default holds, else the first), with the strictest verdict of any that has to move. Decisions on other
 * pins are units of their own. Order is kept.
 */
export function agree(decisions: readonly AnsweredDecision[]): readonly Unit[] {
  return components(decisions).map((members) => {
    const [only, ...others] = members;
    return only !== undefined && others.length === 0 ? [alone(only)] : together(members);
  });
}

/** The digest a decision ends at if it is carried out: what is pinned where nothing is to be adopted. */
function target({ resolution, pin }: AnsweredDecision): Digest {
  return moveOf(resolution)?.to ?? pin.from ?? resolution.latest.digest;
}

function alone(decision: AnsweredDecision): Agreed {
  const { verdict } = decision;
  return { decision, to: target(decision), verdict, reasons: reasonsOf(decision) };
}

function together(members: readonly AnsweredDecision[]): Unit {
  const pinned = members.filter((member) => member.pin.from !== null);
  const candidates = pinned.length > 0 ? pinned : members;
  const lead =
    candidates.find((member) => member.pin.sites.some((site) => site.kind === 'arg-default')) ??
    candidates[0];
  if (lead === undefined) return [];
  const to = target(lead);
  const moving = members.filter((member) => member.pin.from !== to);
  const verdict = strictest(moving.map((member) => member.verdict));
  return members.map((decision) => {
    if (decision.pin.from === to && decision.verdict === 'current') return alone(decision);
    return { decision, to, verdict, reasons: reasonsOf(decision) };
  });
}

function strictest(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('block')) return 'block';
  // A pin that is current by itself still moves to where the others go.
  return verdicts.includes('hold') ? 'hold' : 'rotate';
}

function reasonsOf(decision: PinDecision): readonly Reason[] {
  const { disagreement } = decision.pin;
  return disagreement === null
    ? decision.reasons
    : [...decision.reasons, { code: 'disagreement', message: disagreement }];
}

/** Decisions that share a group and a tag, directly or through others; in the order of their first members. */
function components(decisions: readonly AnsweredDecision[]): readonly (readonly AnsweredDecision[])[] {
  const keysOf = (decision: AnsweredDecision) =>
    decision.pin.groups.map((group) => `${group} ${decision.toTag ?? ''} ${tagKey(decision.pin.image)}`);
  const byKey = Map.groupBy(
    decisions.flatMap((decision) => keysOf(decision).map((key) => ({ key, decision }))),
    (member) => member.key,
  );
  const seen = new Set<AnsweredDecision>();
  const found: AnsweredDecision[][] = [];
  for (const first of decisions) {
    if (seen.has(first)) continue;
    const members = new Set([first]);
    for (const member of members) {
      seen.add(member);
      for (const key of keysOf(member)) for (const other of byKey.get(key) ?? []) members.add(other.decision);
    }
    found.push(
      decisions.length === members.size ? [...decisions] : decisions.filter((one) => members.has(one)),
    );
  }
  return found;
}
