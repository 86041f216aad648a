import type { ImageMove } from '../assess/assess.ts';
import type { ScanDiffFact } from '../assess/diff/scan-diff.ts';
import type { ImageTrust } from '../assess/signature.ts';
import type { Digest } from '../domain/digest.ts';
import { type Failure, messageOf } from '../domain/errors.ts';
import { type Platform, parsePlatforms } from '../domain/platform.ts';
import type { Pin } from '../plan/pins.ts';
import type { AgeAssessment, PinClocks } from '../policy/age.ts';
import { type CoolDown, coolDown } from '../policy/cool-down.ts';
import { candidateOf, judge, type PinFacts } from '../policy/judge.ts';
import { securityFact, unscanned } from '../policy/security-fact.ts';
import type { SecurityFact } from '../policy/severity.ts';
import { type MovedResolution, moveOf } from '../resolve/resolution.ts';
import type { SeenDigest } from '../resolve/seen.ts';
import { ageOf } from './clocks.ts';
import { hasNewer, type Lead } from './lead.ts';
import type { JudgedPin } from './pass.ts';
import { NO_FINDINGS, pinnedFindings } from './pinned-findings.ts';
import type { FactPorts } from './ports.ts';

export type JudgeContext = {
  readonly ports: FactPorts;
  readonly asOf: Date;
  /** Whether signatures and findings of what is pinned count too: `pins` of a `PassRequest`. */
  readonly looksAtPins: boolean;
  readonly touched: boolean;
};

/** A judged pin, and what its judgement lacks though the policy asks for it. */
export type JudgedWithGaps = { readonly pin: JudgedPin; readonly gaps: readonly Failure[] };

/**
 * Gathers the facts of one pin and judges it. Where the cool-down lets an earlier digest through than the tag's own, that
 * one's facts count: the second look. Never throws for what an image's registry, scanner or signatures do: that is a fact.
 */
export async function judgePin(
  lead: Lead,
  clocks: PinClocks | null,
  context: JudgeContext,
): Promise<JudgedWithGaps> {
  const { pin, rules, toTag, resolution } = lead;
  const { ports, asOf, touched } = context;
  const age = ageOf(clocks, hasNewer(lead), rules.age, asOf);
  const move = moveOf(resolution);
  const wantsTrust = move !== null || (context.looksAtPins && rules.trust.length > 0);
  const trust = wantsTrust ? await trustOf(pin, pin.from, ports) : null;
  const wantsFindings = context.looksAtPins && rules.gates.baseline === 'enforce';
  const { findings, gaps } = wantsFindings
    ? await pinnedFindings(pin, platformsOf(lead), ports)
    : NO_FINDINGS;
  const known = { pin, rules, toTag, resolution, clocks, age, trust, findings, touched };
  if (resolution.status === 'failed') {
    return { pin: { ...known, judged: null, scan: null, suggestion: null }, gaps };
  }
  const isRetag = toTag !== pin.image.tag && resolution.status === 'current';
  const { scan, ...looked } =
    move !== null
      ? await lookAtMove(lead, move, age, context)
      : { ...NO_MOVE, trustAfter: isRetag ? await trustOf(pin, pin.from, ports) : null };
  const facts: PinFacts = {
    resolution,
    asOf,
    age,
    ignoredDigests: lead.settings.ignoredDigests,
    isRetag,
    hold: lead.settings.hold,
    trustBefore: move === null ? null : trust,
    ...looked,
  };
  const judgement = judge(facts, lead.moveRules);
  const suggests = judgement.verdict === 'rotate' && scan !== null && ports.suggest !== null;
  const suggestion = suggests ? ((await ports.suggest?.(scan, platformsOf(lead))) ?? null) : null;
  return { pin: { ...known, judged: { facts, rules: lead.moveRules, judgement }, scan, suggestion }, gaps };
}

/** What is known of the digest to adopt. */
type MoveFacts = Pick<PinFacts, 'firstSeen' | 'coolDown' | 'security' | 'trustAfter'> & {
  readonly scan: ScanDiffFact | null;
};

const NO_MOVE: MoveFacts = { firstSeen: null, coolDown: null, security: null, trustAfter: null, scan: null };

async function lookAtMove(
  lead: Lead,
  move: MovedResolution,
  age: AgeAssessment | null,
  { ports, asOf }: JudgeContext,
): Promise<MoveFacts> {
  const { pin } = lead;
  const target = move.to;
  const seen = (await ports.seen?.note(move.image, target, asOf)) ?? [];
  const firstSeen = seen.find(({ digest }) => digest === target)?.firstSeen ?? null;
  const first = await scanOf(lead, target, ports);
  const waiting = pin.from === null ? null : waitingOf(lead, target, { seen, firstSeen, age, asOf }, first);
  const candidate = candidateOf(move, waiting) ?? target;
  const looked = candidate === target ? first : await scanOf(lead, candidate, ports);
  return { firstSeen, coolDown: waiting, ...looked, trustAfter: await trustOf(pin, candidate, ports) };
}

function waitingOf(
  { pin, rules, settings }: Lead,
  target: Digest,
  known: {
    readonly seen: readonly SeenDigest[];
    readonly firstSeen: Date | null;
    readonly age: AgeAssessment | null;
    readonly asOf: Date;
  },
  { security }: Pick<MoveFacts, 'security'>,
): CoolDown {
  // The tag may have pointed back to what is pinned: adopting that is no move.
  const isOpen = (digest: Digest): boolean =>
    digest !== target && digest !== pin.from && !settings.ignoredDigests.includes(digest);
  const earlier = laterThanPinned(known.seen, pin).filter(({ digest }) => isOpen(digest));
  return coolDown(
    {
      asOf: known.asOf,
      candidate: { digest: target, firstSeen: known.firstSeen },
      earlier,
      age: known.age,
      fixed: security?.fixed ?? null,
    },
    rules.age,
  );
}

/** Digests that came after the pinned one; none where that day is unknown. */
function laterThanPinned(seen: readonly SeenDigest[], pin: Pin): readonly SeenDigest[] {
  const own = seen.findIndex(({ digest }) => digest === pin.from);
  return own < 0 ? [] : seen.slice(own + 1);
}

/** The scan of a move; of a first pin there is nothing to compare, and nothing is scanned. */
async function scanOf(
  lead: Lead,
  to: Digest,
  ports: FactPorts,
): Promise<{ readonly scan: ScanDiffFact | null; readonly security: SecurityFact | null }> {
  const { pin, resolution } = lead;
  if (ports.scan === null || pin.from === null) return { scan: null, security: null };
  const { tag } = resolution.image;
  const move: ImageMove = { repository: pin.image, tag, from: pin.from, to, platforms: platformsOf(lead) };
  try {
    const scan = await ports.scan(move);
    return { scan, security: securityFact(scan) };
  } catch (error) {
    return { scan: null, security: unscanned(messageOf(error)) };
  }
}

async function trustOf(
  pin: Pin,
  digest: Digest | null,
  { signatures }: FactPorts,
): Promise<ImageTrust | null> {
  if (digest === null || signatures === null) return null;
  const { verifier, keys, gaps } = signatures;
  const trust = await verifier.assess(pin.image, digest, keys);
  return { ...trust, gaps: [...trust.gaps, ...gaps] };
}

function platformsOf({ settings }: Lead): readonly Platform[] {
  return parsePlatforms(settings.platforms ?? []);
}
