import type { Digest } from '../domain/digest.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import type { DigestFacts, PinDecision } from '../plan/decision.ts';
import { assessAge } from '../policy/age.ts';
import type { Judgement } from '../policy/judge.ts';
import type { Reason } from '../policy/verdict.ts';
import { type MovedResolution, moveOf } from '../resolve/resolution.ts';
import { isNoteworthy } from '../resolve/track/follow-tags.ts';
import { hasNewer, type Lead } from './lead.ts';
import type { JudgedPin } from './pass.ts';

/** What is decided of a judged pin by itself, for the plan: the verdict, why, and what the ledger may say. Pure. */
export function decisionOf(lead: Lead, pin: JudgedPin, asOf: Date): PinDecision {
  const { resolution, toTag } = lead;
  const before = factsBefore(lead, pin, asOf);
  const own = { pin: lead.pin, toTag, ...(before === null ? {} : { before }) };
  if (pin.judged === null) return { ...own, resolution, verdict: 'hold', reasons: [] };
  const { judgement } = pin.judged;
  const move = moveOf(resolution);
  const isAdopted = move !== null && judgement.adopt !== null;
  return {
    ...own,
    resolution: isAdopted ? adopting(move, judgement.adopt) : resolution,
    verdict: judgement.verdict,
    reasons: withTagReasons(lead, judgement),
    after: factsAfter(lead, pin, asOf),
  };
}

/** The move to the digest to adopt. Of an earlier one than the tag's own, neither its day nor its platforms were looked up. */
function adopting(move: MovedResolution, adopt: Digest): MovedResolution {
  if (adopt === move.to) return move;
  return { ...move, to: adopt, created: null, shape: { ...move.shape, platforms: [] } };
}

/** A tag that moves is the deciding reason of a rotation; that it would, or cannot, comes after what decides. */
function withTagReasons({ tracked }: Lead, { verdict, reasons }: Judgement): readonly Reason[] {
  if (tracked.status === 'newer') {
    const newer: Reason = { code: 'newer-tag', message: tracked.message };
    return verdict === 'rotate' ? [newer, ...reasons] : [...reasons, newer];
  }
  return isNoteworthy(tracked) ? [...reasons, { code: 'tag-kept', message: tracked.message }] : reasons;
}

/** Of the digest in the files; null where nobody looked. */
function factsBefore(lead: Lead, { clocks }: JudgedPin, asOf: Date): DigestFacts | null {
  if (clocks === null) return null;
  // A row without a first-seen day gets today's, or the day it was pinned: the status is to agree with the row.
  const firstSeen = clocks.firstSeen ?? clocks.pinnedOn ?? isoDate(asOf);
  const age = assessAge({ clocks: { ...clocks, firstSeen }, hasNewer: hasNewer(lead) }, lead.rules.age, asOf);
  return { ...clocks, status: age.status };
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
