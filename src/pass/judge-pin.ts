import type { Move } from '../assess/assess.ts';
import type { ScanDiffFact } from '../assess/diff/scan-diff.ts';
import type { ImageTrust } from '../assess/signature.ts';
import type { SuggestVariant } from '../assess/variants.ts';
import { imageSettings } from '../config/image-settings.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import type { PolicySettings } from '../config/schema/policy.ts';
import type { Digest } from '../domain/digest.ts';
import type { TaggedImage } from '../domain/image-reference.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import { type Platform, parsePlatforms } from '../domain/platform.ts';
import type { Pin } from '../plan/pins.ts';
import type { PinClocks } from '../policy/age.ts';
import type { AnsweredResolution } from '../policy/decide.ts';
import { type Judgement, judge, type PinFacts } from '../policy/judge.ts';
import type { ImageRules } from '../policy/rules.ts';
import { securityFact, unscanned } from '../policy/security-fact.ts';
import type { SecurityFact } from '../policy/severity.ts';
import { imageRules, ruleSources } from '../policy/stages.ts';
import type { SeenDigests } from '../resolve/seen.ts';
import type { CheckPorts } from './check-pass.ts';

/** What the facts of a move are gathered with. Null: nobody looks, and policy says so where it matters. */
export type FactPorts = {
  readonly signatures: CheckPorts['signatures'];
  /** Scans both sides of a move and compares them. */
  readonly scan: ((move: Move) => Promise<ScanDiffFact>) | null;
  readonly seen: SeenDigests | null;
  /** Names a better variant of an image that was scanned; asked for proposed moves only. Absent: nobody looks. */
  readonly suggest?: SuggestVariant | null;
};

export const NO_FACTS: FactPorts = { signatures: null, scan: null, seen: null };

export type JudgeContext = {
  readonly ports: FactPorts;
  readonly config: RepositoryConfig;
  readonly organisation: PolicySettings | null;
  readonly asOf: Date;
  /** The three clocks of the pinned digest. */
  readonly clocks: (pin: Pin, rules: ImageRules) => Promise<PinClocks>;
};

/** One pin with all that was found out about it, and what policy makes of it. */
export type JudgedPin = {
  readonly pin: Pin;
  readonly facts: PinFacts;
  readonly rules: ImageRules;
  readonly judgement: Judgement;
  /** What the move does to the image; null where nothing moves, or nobody scans. */
  readonly scan: ScanDiffFact | null;
  /** One line on a variant of the image with far fewer findings; null where there is none, or nobody looked. */
  readonly suggestion: string | null;
};

/**
 * Gathers the facts of one pin and judges it. Where policy would rather adopt an earlier digest than the newest (the
 * cool-down), the facts of that one are gathered too and it is judged again. Never throws for what an image's
 * registry, scanner or signatures do: that is a fact.
 */
export async function judgePin(
  pin: Pin,
  resolution: AnsweredResolution,
  context: JudgeContext,
): Promise<JudgedPin> {
  const { config, asOf } = context;
  const settings = imageSettings(config, pin.image, isoDate(asOf));
  // What is asked of the new digest is asked of the tag it comes by: that may be another one than is pinned.
  const rules = imageRules(resolution.image, ruleSources(config, context.organisation, settings));
  const target = 'to' in resolution ? resolution.to : null;
  const seen = target === null ? [] : await seenOf(resolution.image, target, context);
  const common = {
    resolution,
    asOf,
    clocks: await context.clocks(pin, rules),
    firstSeen: seen.find(({ digest }) => digest === target)?.firstSeen ?? null,
    earlier: laterThanPinned(seen, pin).filter(({ digest }) => digest !== target),
    ignored: settings.ignored,
    ignoredDigests: settings.ignoredDigests,
    hold: settings.hold,
    trustBefore: target === null ? null : await trustOf(pin, pin.from, context),
  };
  const platforms = parsePlatforms(settings.platforms ?? []);
  const judgeAbout = async (about: Digest | null, coolDown: PinFacts['coolDown']): Promise<JudgedPin> => {
    const moved = target !== null && about !== null && settings.ignored === null;
    const { scan, security } = moved
      ? await scanOf({ pin, tag: resolution.image.tag, to: about, platforms }, context)
      : { scan: null, security: null };
    const facts: PinFacts = {
      ...common,
      about,
      security,
      trustAfter: moved ? await trustOf(pin, about, context) : null,
      coolDown,
    };
    return { pin, facts, rules, judgement: judge(facts, rules), scan, suggestion: null };
  };
  const first = await judgeAbout(target, null);
  const { wants, coolDown } = first.judgement;
  const judged = wants === null ? first : await judgeAbout(wants, coolDown);
  return { ...judged, suggestion: await suggestionOf(judged, platforms, context) };
}

async function suggestionOf(
  { judgement, scan }: JudgedPin,
  platforms: readonly Platform[],
  { ports }: JudgeContext,
): Promise<string | null> {
  if (ports.suggest == null || scan === null || judgement.verdict !== 'rotate') return null;
  return ports.suggest(scan, platforms);
}

async function seenOf(image: TaggedImage, target: Digest, { ports, asOf }: JudgeContext) {
  return ports.seen === null ? [] : ports.seen.note(image, target, asOf);
}

/** Digests that came after the pinned one; none where nobody knows when that was. */
function laterThanPinned<Seen extends { readonly digest: Digest }>(
  seen: readonly Seen[],
  pin: Pin,
): readonly Seen[] {
  const own = seen.findIndex(({ digest }) => digest === pin.from);
  return own < 0 ? [] : seen.slice(own + 1);
}

type Scanned = { readonly scan: ScanDiffFact | null; readonly security: SecurityFact | null };

async function scanOf(
  { pin, tag, to, platforms }: { readonly pin: Pin } & Pick<Move, 'tag' | 'to' | 'platforms'>,
  { ports }: JudgeContext,
): Promise<Scanned> {
  if (ports.scan === null || pin.from === null) return { scan: null, security: null };
  try {
    const scan = await ports.scan({
      repository: pin.image,
      tag,
      from: pin.from,
      to,
      platforms,
    });
    return { scan, security: securityFact(scan) };
  } catch (error) {
    return { scan: null, security: unscanned(error instanceof Error ? error.message : String(error)) };
  }
}

async function trustOf(pin: Pin, digest: Digest | null, { ports }: JudgeContext): Promise<ImageTrust | null> {
  if (digest === null || ports.signatures === null) return null;
  const { verifier, keys, gaps } = ports.signatures;
  const trust = await verifier.assess(pin.image, digest, keys);
  return { ...trust, gaps: [...trust.gaps, ...gaps] };
}
