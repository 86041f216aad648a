import { isoDate } from '../domain/ledger-entry.ts';
import type { DigestFacts, PinDecision } from '../plan/decision.ts';
import { assessAge } from '../policy/age.ts';
import type { Judgement } from '../policy/judge.ts';
import type { Reason, Verdict } from '../policy/verdict.ts';
import { moveOf } from '../resolve/resolution.ts';
import { isNoteworthy } from '../resolve/track/follow-tags.ts';
import type { Lead } from './lead.ts';
import type { JudgedPin } from './pass.ts';

/** What is decided of a judged pin by itself, for the plan: the verdict, why, and what the ledger may say. Pure. */
export function decisionOf(lead: Lead, pin: JudgedPin, asOf: Date): PinDecision {
  const { resolution, toTag } = lead;
  const before = factsBefore(pin);
  const own = { pin: lead.pin, toTag, ...(before === null ? {} : { before }) };
  if (pin.judged === null) return { ...own, resolution, verdict: 'hold', reasons: [] };
  const { judgement } = pin.judged;
  const move = moveOf(resolution);
  const isAdopted = move !== null && judgement.adopt !== null;
  return {
    ...own,
    resolution: isAdopted ? { ...move, to: judgement.adopt } : resolution,
    verdict: verdictOf(lead, judgement),
    reasons: withTagReasons(lead, judgement),
    after: factsAfter(lead, pin, asOf),
  };
}

/** The newer tag may point to the very digest that is pinned: then the tag alone is written. */
function verdictOf({ pin, toTag }: Lead, { verdict }: Judgement): Verdict {
  return verdict === 'current' && toTag !== pin.image.tag ? 'rotate' : verdict;
}

/** A tag that moves is the deciding reason of a rotation; that it would, or cannot, comes after what decides. */
function withTagReasons(lead: Lead, judgement: Judgement): readonly Reason[] {
  const { tracked } = lead;
  const { reasons } = judgement;
  if (tracked.status === 'newer') {
    const newer: Reason = { code: 'newer-tag', message: tracked.message };
    return verdictOf(lead, judgement) === 'rotate' ? [newer, ...reasons] : [...reasons, newer];
  }
  return isNoteworthy(tracked) ? [...reasons, { code: 'tag-kept', message: tracked.message }] : reasons;
}

/** Of the digest in the files; null where it was not looked up. */
function factsBefore({ clocks, age }: JudgedPin): DigestFacts | null {
  return clocks === null ? null : { ...clocks, status: age?.status ?? null };
}

/** Of the digest to adopt, as it will stand once it is written. */
function factsAfter({ resolution, rules }: Lead, { judged }: JudgedPin, asOf: Date): DigestFacts {
  const today = isoDate(asOf);
  const move = moveOf(resolution);
  const adopt = judged?.judgement.adopt ?? null;
  // An earlier digest than the tag's own was made on an unknown day.
  const isNewest = move !== null && adopt === move.to;
  const published = isNewest && move.created ? isoDate(move.created) : null;
  const seen = judged?.facts.firstSeen ?? null;
  const firstSeen = isNewest && seen !== null ? isoDate(seen) : null;
  const clocks = { published, firstSeen: firstSeen ?? today, pinnedOn: today };
  const { status } = assessAge({ clocks, hasNewer: !isNewest }, rules.age, asOf);
  return { published, firstSeen, pinnedOn: null, status };
}
