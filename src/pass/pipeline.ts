import type { PinHistory } from '../assess/age.ts';
import { imageSettings } from '../config/image-settings.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import type { PolicySettings } from '../config/schema/policy.ts';
import type { FileChange, Tree } from '../discover/tree.ts';
import type { Failure } from '../domain/errors.ts';
import { type ImagePattern, matchesImage } from '../domain/image-glob.ts';
import { isoDate, type LedgerEntry, type LedgerStatus } from '../domain/ledger-entry.ts';
import { parsePlatforms } from '../domain/platform.ts';
import { buildPlan } from '../plan/build-plan.ts';
import { planChanges } from '../plan/changes.ts';
import type { PinDecision } from '../plan/decision.ts';
import { groupPins, type Pin } from '../plan/pins.ts';
import type { Plan } from '../plan/plan.ts';
import { assessAge, type PinClocks } from '../policy/age.ts';
import type { Judgement, PinFacts } from '../policy/judge.ts';
import type { ImageRules } from '../policy/rules.ts';
import { pooled } from '../resolve/pool.ts';
import type { Registry } from '../resolve/registry.ts';
import type { ImageShape, PinnedImage } from '../resolve/resolution.ts';
import { resolvePins } from '../resolve/resolve.ts';
import { type Followed, followTags, trackReport } from '../resolve/track/follow-tags.ts';
import { type FactPorts, type JudgeContext, type JudgedPin, judgePin, NO_FACTS } from './judge-pin.ts';
import {
  askHistory,
  type ClockSources,
  clocksOf,
  type LedgerRows,
  ledgerClocks,
  ledgerEntries,
  ledgerRows,
} from './pin-clocks.ts';
import { type Survey, surveyTree } from './survey.ts';

export type PassPorts = {
  readonly tree: Tree;
  readonly registry: Registry;
  /** Scans, signatures and the store of seen digests; absent: only what the registry and the ledger say. */
  readonly facts?: FactPorts;
  /** Asked since when pins are there where a new digest has to wait and the ledger does not say it. */
  readonly history?: PinHistory | null;
};

/** What one pass is asked for, over what the configuration says. */
export type PassRequest = {
  /** Also pin references without a digest; null: as configured. */
  readonly pin: boolean | null;
  /** Only these images; empty: all. */
  readonly only: readonly ImagePattern[];
  readonly now: Date;
  /** The organisation's own policy, whose enforced settings a repository cannot weaken. */
  readonly organisation?: PolicySettings | null;
  /** Tags looked up so far, for a progress line. */
  readonly onProgress?: (done: number, total: number) => void;
};

export type Pass = {
  readonly survey: Survey;
  readonly plan: Plan;
  /** The files to write, whole; empty where nothing changes, and where the ledger could not be kept true. */
  readonly changes: readonly FileChange[];
  /** What the plan was built from: to plan a part of it again. */
  readonly decisions: readonly PinDecision[];
  /** Pins that nobody asked for in this pass. */
  readonly kept: readonly Pin[];
  /** What was found out about each pin that was resolved. */
  readonly judged: ReadonlyMap<Pin, JudgedPin>;
};

const LOOKUPS_AT_ONCE = 64;
const JUDGED_AT_ONCE = 8;

/**
 * One pass over one tree: discover and extract, resolve, judge, plan. Writes nothing. What fails is among the plan's
 * failures and never stops the rest. Throws only where the tree itself cannot be listed.
 */
export async function planPass(
  ports: PassPorts,
  config: RepositoryConfig,
  request: PassRequest,
): Promise<Pass> {
  const survey = await surveyTree(ports.tree, config);
  const pins = groupPins(survey.sites);
  const asked = pins.filter((pin) => isAskedFor(pin, config, request));
  const rowOf = ledgerRows(survey.ledger?.entries ?? []);
  const known = (pin: PinnedImage) => knownShape(rowOf(pin));
  const settingsOf = (pin: Pin) => imageSettings(config, pin.image, isoDate(request.now));
  const followed = await followTags(asked, settingsOf, ports.registry, { now: request.now, known });
  const wanted = followed.map(({ pin, toTag }) => ({
    image: { ...pin.image, tag: toTag },
    from: pin.from,
    platforms: parsePlatforms(settingsOf(pin).platforms ?? []),
  }));
  const resolutions = await resolvePins(wanted, ports.registry, {
    concurrency: LOOKUPS_AT_ONCE,
    now: request.now,
    known,
    ...(request.onProgress === undefined ? {} : { onProgress: request.onProgress }),
  });
  const context: JudgeContext = {
    ports: ports.facts ?? NO_FACTS,
    config,
    organisation: request.organisation ?? null,
    asOf: request.now,
    clocks: passClocks(ports, survey, asked, rowOf, request.now),
  };
  const judged = new Map<Pin, JudgedPin>();
  const decisions: PinDecision[] = [];
  await pooled([...followed.entries()], JUDGED_AT_ONCE, async ([i, one]) => {
    const resolution = resolutions[i];
    if (resolution === undefined) return;
    if (resolution.status === 'failed') {
      decisions[i] = { pin: one.pin, resolution, verdict: 'hold', reasons: [] };
      return;
    }
    const answer = await judgePin(one.pin, resolution, context);
    judged.set(one.pin, answer);
    decisions[i] = toDecision(answer, one, ledgerClocks(one.pin, rowOf));
  });
  const kept = pins.filter((pin) => !asked.includes(pin));
  const { failures } = trackReport(followed);
  return { ...toPass(survey, decisions, kept, request.now, failures), judged };
}

/** The ledger against the files alone: every pin keeps what the ledger knows of it. Asks no registry, writes nothing. */
export async function ledgerPass(tree: Tree, config: RepositoryConfig, now: Date): Promise<Pass> {
  const survey = await surveyTree(tree, config);
  return { ...toPass(survey, [], groupPins(survey.sites), now), judged: new Map() };
}

function toPass(
  survey: Survey,
  decisions: readonly PinDecision[],
  kept: readonly Pin[],
  now: Date,
  failures: readonly Failure[] = [],
): Omit<Pass, 'judged'> {
  const plan = buildPlan({
    decisions,
    kept,
    files: survey.texts,
    extractions: survey.extractions,
    extract: survey.extract,
    ledger: survey.ledger,
    today: isoDate(now),
  });
  return {
    survey,
    plan: { ...plan, failures: [...survey.failures, ...failures, ...plan.failures] },
    changes: survey.ledgerIsDamaged ? [] : planChanges(plan, survey.sources),
    decisions,
    kept,
  };
}

/** A pin with a digest, or one that is to get one; and among those a command named, where it named any. */
function isAskedFor(pin: Pin, config: RepositoryConfig, request: PassRequest): boolean {
  if (request.only.length > 0 && !request.only.some((pattern) => matchesImage(pattern, pin.image)))
    return false;
  if (pin.from !== null) return true;
  return request.pin ?? imageSettings(config, pin.image, isoDate(request.now)).pin;
}

/** The ledger's word on a pinned digest: saves asking the registry what kind it is. */
function knownShape(entry: LedgerEntry | null): ImageShape | null {
  if (entry === null || entry.kind === null) return null;
  const platforms = parsePlatforms(entry.platforms);
  return platforms.length === 0 ? null : { kind: entry.kind, platforms };
}

/**
 * The clocks of a pin. Where a new digest has to wait, the age of the pinned one decides how long, so all clocks are
 * asked, as a check asks them; elsewhere the ledger's word is enough.
 */
function passClocks(
  ports: PassPorts,
  survey: Survey,
  asked: readonly Pin[],
  rowOf: LedgerRows,
  asOf: Date,
): JudgeContext['clocks'] {
  let sources: Promise<ClockSources> | null = null;
  const gather = async (): Promise<ClockSources> => {
    const pinned = asked.filter((pin) => pin.from !== null);
    const adopted = ledgerRows(ledgerEntries(survey, pinned));
    const history = await askHistory(ports.history ?? null, pinned, adopted);
    return { ports, asOf, rowOf: adopted, history };
  };
  return async (pin, rules) => {
    if (rules.age.minimumDays <= 0) return ledgerClocks(pin, rowOf);
    sources ??= gather();
    return clocksOf(pin, rules, await sources);
  };
}

function toDecision(
  { pin, facts, rules, judgement }: JudgedPin,
  { toTag, tracked }: Followed<Pin>,
  ledger: PinClocks,
): PinDecision {
  const { resolution } = facts;
  const adopted = judgement.adopt !== null && 'to' in resolution;
  return {
    pin,
    resolution: adopted ? { ...resolution, to: judgement.adopt } : resolution,
    // The newer tag may point to the very digest that is pinned: then the tag alone is written.
    verdict: judgement.verdict === 'current' && toTag !== pin.image.tag ? 'rotate' : judgement.verdict,
    reasons:
      tracked.status === 'newer'
        ? [{ code: 'newer-tag', message: tracked.message }, ...judgement.reasons]
        : judgement.reasons,
    toTag,
    pinnedOn: ledger.pinnedOn,
    firstSeen: adopted && facts.firstSeen !== null ? isoDate(facts.firstSeen) : null,
    status: ledgerStatus(judgement, facts, rules),
  };
}

/** The ledger's word for the digest that stands in the files after the pass. */
function ledgerStatus(judgement: Judgement, { asOf, resolution }: PinFacts, rules: ImageRules): LedgerStatus {
  if (judgement.verdict === 'hold') return 'held';
  if (judgement.verdict === 'block') return 'blocked';
  if (judgement.verdict === 'current') {
    return judgement.age.status === 'unknown' ? 'current' : judgement.age.status;
  }
  const today = isoDate(asOf);
  const created = 'created' in resolution && resolution.created ? isoDate(resolution.created) : null;
  const clocks = { published: created, firstSeen: today, pinnedOn: today };
  return assessAge({ clocks, hasNewer: false }, rules.age, asOf).status;
}
