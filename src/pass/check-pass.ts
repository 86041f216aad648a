import type { PinHistory } from '../assess/age.ts';
import type { Move } from '../assess/assess.ts';
import { findingsOf as findingsOfScan, type ScanDiffFact } from '../assess/diff/scan-diff.ts';
import type { ImageTrust, SignatureVerifier, VerificationKey } from '../assess/signature.ts';
import { imageSettings } from '../config/image-settings.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import type { PolicySettings } from '../config/schema/policy.ts';
import { type Tree, TreeError } from '../discover/tree.ts';
import type { Failure } from '../domain/errors.ts';
import { canonicalName, type TaggedImage, tagKey } from '../domain/image-reference.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import { type Platform, parsePlatforms } from '../domain/platform.ts';
import type { Site } from '../domain/site.ts';
import { groupPins, type Pin } from '../plan/pins.ts';
import { assessAge } from '../policy/age.ts';
import { type Baseline, parseBaseline } from '../policy/baseline.ts';
import {
  type CheckFinding,
  type CheckReport,
  checkPins,
  type PinToCheck,
  sortFindings,
} from '../policy/check.ts';
import { exceptionNotices } from '../policy/exceptions.ts';
import { checkLedger } from '../policy/ledger-check.ts';
import { liveTags } from '../policy/live-tags.ts';
import type { Gates, ImageRules } from '../policy/rules.ts';
import { imageRules, repositoryGates, ruleSources } from '../policy/stages.ts';
import { sayUnmatched, unmatchedTrust } from '../policy/unmatched-patterns.ts';
import { pooled } from '../resolve/pool.ts';
import type { Registry } from '../resolve/registry.ts';
import type { Resolution } from '../resolve/resolution.ts';
import { resolvePins } from '../resolve/resolve.ts';
import {
  askHistory,
  type ClockSources,
  clocksOf,
  historyNotes,
  ledgerEntries,
  ledgerRows,
} from './pin-clocks.ts';
import { type Survey, surveyTree } from './survey.ts';

export type CheckPorts = {
  readonly tree: Tree;
  readonly registry: Registry;
  /** Null where there is no history to ask. */
  readonly history: PinHistory | null;
  /** Asked only for images that a trust rule names. */
  readonly signatures: {
    readonly verifier: SignatureVerifier;
    readonly keys: readonly VerificationKey[];
    /** Keys that could not be read, sentences: rules that want them cannot be evaluated. */
    readonly gaps: readonly string[];
  } | null;
  /** Scans a pinned digest; asked only where the baseline is enforced. Absent or null: nobody scans, and that is told. */
  readonly scan?: ((move: Move) => Promise<ScanDiffFact>) | null;
};

export type CheckRequest = {
  readonly asOf: Date;
  /** Whether ledger and files must agree. */
  readonly ledger: boolean;
  /** Gates that are closed where no configuration names a stage; absent: none. */
  readonly gates?: Partial<Gates>;
  readonly organisation?: PolicySettings | null;
  /**
   * Which pins the change under judgement brings or moves; absent: there is no change, all are judged as they stand.
   * Of a pin that a change brings, the ledger's word on when it was published is not taken: the change may have written it.
   */
  readonly touched?: (pin: Pin) => boolean;
  readonly onProgress?: (done: number, total: number) => void;
};

export type CheckResult = {
  readonly report: CheckReport;
  readonly survey: Survey;
  /** Images and files that could not be looked at. */
  readonly failures: readonly Failure[];
  /** Sentences for a person: why an age is not known, and the like. */
  readonly notes: readonly string[];
};

const AT_ONCE = 32;

/**
 * Judges every pin of a tree as it stands: the same in a terminal, on a pull request and on the default branch. Asks the
 * registry what each tag points to (and, where the ledger does not say, when the pinned digest was made), and the
 * history since when it is pinned. Writes nothing. Throws only where the tree cannot be listed.
 */
export async function checkPass(
  ports: CheckPorts,
  config: RepositoryConfig,
  request: CheckRequest,
): Promise<CheckResult> {
  const survey = await surveyTree(ports.tree, config);
  const pins = groupPins(survey.sites);
  const pinned = pins.filter((pin) => pin.from !== null);
  const entries = ledgerEntries(survey, pinned);
  const resolutions = new Map(
    (
      await resolvePins(pinned, ports.registry, {
        concurrency: AT_ONCE,
        now: request.asOf,
        ...(request.onProgress === undefined ? {} : { onProgress: request.onProgress }),
      })
    ).map((resolution, index) => [pinned[index], resolution]),
  );
  const rowOf = ledgerRows(entries);
  const history = await askHistory(ports.history, pinned, rowOf);
  const baseline = await readBaseline(ports.tree, config.policy.baseline);

  const checked: PinToCheck[] = [];
  const scanFailures: Failure[] = [];
  await pooled([...pins.entries()], AT_ONCE, async ([index, pin]) => {
    const resolution = resolutions.get(pin) ?? null;
    const rules = rulesFor(pin.image, config, request);
    checked[index] = await gather(pin, resolution, rules, {
      ports,
      request,
      asOf: request.asOf,
      rowOf,
      history,
      platforms: (of) => configuredPlatforms(of, config, request),
      failures: scanFailures,
    });
  });
  const report = checkPins(checked, { asOf: request.asOf, baseline: baseline.value });
  const disagreements =
    request.ledger && survey.ledger !== null
      ? checkLedger(pinned.flatMap(pinInFiles), { ...survey.ledger, entries })
      : [];
  const taglessSites = survey.sites.filter((site) => site.skip?.reason === 'digest-without-tag');
  const unjudged = [
    ...report.pins.flatMap(({ pin, age }) =>
      age.basis === null ? unknownAge(tagKey(pin.image), age.message, pin.rules, pin.touched) : [],
    ),
    ...taglessSites.flatMap((site) =>
      unknownAge(
        canonicalName(site.image),
        site.skip?.detail ?? '',
        rulesFor(taglessImage(site), config, request),
        true,
      ),
    ),
  ];
  const gates = repositoryGates({
    settings: config.policy,
    organisation: request.organisation ?? null,
    gates: request.gates ?? {},
  });
  const deadTrust = unmatchedTrust(survey.unmatched, gates);
  const extra = [
    ...disagreements,
    ...deadTrust,
    ...taglessSites.map((site) => tagless(site, rulesFor(taglessImage(site), config, request))),
  ];
  const failed = [...resolutions.values()].flatMap((r) => (r.status === 'failed' ? [r.failure] : []));
  return {
    report: {
      pins: report.pins,
      findings: sortFindings([...report.findings, ...extra]),
      violations: sortFindings([...report.violations, ...extra.filter((f) => f.level === 'violation')]),
    },
    survey,
    failures: [
      ...survey.failures,
      ...baseline.failures,
      ...unique([...failed, ...scanFailures, ...unjudged]),
    ],
    notes: [
      // Where other clocks told every age, what the history lacks is nobody's trouble.
      ...(report.pins.some(({ age }) => age.basis === null) ? historyNotes(history) : []),
      ...exceptionNotices(config.policy.exceptions, request.asOf).map(({ message }) => message),
      // A finding says it already where trust is enforced.
      ...survey.unmatched.filter(({ isTrust }) => !isTrust || deadTrust.length === 0).map(sayUnmatched),
    ],
  };
}

/** A digest whose tag nobody knows can never be told old or new: said, not passed over. */
function tagless(site: Site, rules: ImageRules): CheckFinding {
  const isViolation = rules.gates.age === 'enforce' && rules.age.unknown === 'violation';
  return {
    rule: 'unknown-age',
    level: isViolation ? 'violation' : 'warning',
    image: canonicalName(site.image),
    file: site.file,
    line: site.line,
    message: `${site.text}: its age is not known: ${site.skip?.detail ?? ''}`,
  };
}

function taglessImage({ image }: Site): TaggedImage {
  return { registry: image.registry, repository: image.repository, tag: '' };
}

/** What cannot be judged is no pass: a failure of the check, where the age is enforced and nothing else is configured. */
function unknownAge(
  subject: string,
  why: string,
  { gates, age }: ImageRules,
  touched: boolean,
): readonly Failure[] {
  const isSpared = gates.age === 'show' || age.maximumDays === null || (!touched && !age.strict);
  if (isSpared || age.unknown !== 'failure') return [];
  return [{ subject, code: 'age-unknown', message: why, temporary: false }];
}

type Gathering = ClockSources & {
  readonly ports: CheckPorts;
  readonly request: CheckRequest;
  /** The platforms that matter to a pin, by the configuration; empty: those it has. */
  readonly platforms: (pin: Pin) => readonly Platform[];
  /** Taken down on the way. */
  readonly failures: Failure[];
};

async function gather(
  pin: Pin,
  resolution: Resolution | null,
  rules: ImageRules,
  context: Gathering,
): Promise<PinToCheck> {
  const { ports, request } = context;
  const answered = resolution === null || resolution.status === 'failed' ? null : resolution;
  const hasNewer = answered === null ? null : answered.status !== 'current';
  const takesLedger = request.touched?.(pin) !== true;
  const clocks = await clocksOf(pin, rules, { ...context, takesLedger });
  const age = assessAge({ clocks, hasNewer }, rules.age, request.asOf);
  return {
    image: pin.image,
    digest: pin.from,
    sites: pin.sites.map(({ file, line }) => ({ file, line })),
    latest: answered?.latest.digest ?? null,
    hasNewer,
    clocks,
    rules,
    touched: request.touched?.(pin) ?? true,
    findings: await findingsOf(pin, rules, context),
    trust: await trustOf(pin, rules, ports),
    liveTags: age.status === 'stagnant' ? await aliveTags(pin, ports.registry) : [],
  };
}

function configuredPlatforms(pin: Pin, config: RepositoryConfig, request: CheckRequest): readonly Platform[] {
  const { platforms } = imageSettings(config, pin.image, isoDate(request.asOf));
  return parsePlatforms(platforms ?? []);
}

function rulesFor(image: TaggedImage, config: RepositoryConfig, request: CheckRequest): ImageRules {
  const settings = imageSettings(config, image, isoDate(request.asOf));
  const sources = ruleSources(config, request.organisation ?? null, settings);
  return imageRules(image, { ...sources, gates: request.gates ?? {} });
}

async function trustOf(pin: Pin, rules: ImageRules, ports: CheckPorts): Promise<ImageTrust | null> {
  if (pin.from === null || rules.trust.length === 0 || ports.signatures === null) return null;
  const { verifier, keys, gaps } = ports.signatures;
  const trust = await verifier.assess(pin.image, pin.from, keys);
  return { ...trust, gaps: [...trust.gaps, ...gaps] };
}

/** What a scan of the pinned digest finds, where the baseline is enforced. What cannot be scanned is a failure, never empty. */
async function findingsOf(
  pin: Pin,
  rules: ImageRules,
  { ports, platforms, failures }: Gathering,
): Promise<PinToCheck['findings']> {
  if (pin.from === null || rules.gates.baseline === 'show') return null;
  const unknown = (why: string): void => {
    const message = `the baseline cannot be checked, vulnerabilities are not known: ${why}`;
    failures.push({ subject: tagKey(pin.image), code: 'scan-unavailable', message, temporary: true });
  };
  if (!ports.scan) {
    unknown('nobody scans here');
    return null;
  }
  const move = {
    repository: pin.image,
    tag: pin.image.tag,
    from: null,
    to: pin.from,
    platforms: platforms(pin),
  };
  try {
    const scan = await ports.scan(move);
    const missing = scan.platforms.find(({ findings }) => findings === null);
    if (missing !== undefined) unknown(missing.unavailable ?? 'a platform could not be scanned');
    return findingsOfScan(scan, 'unchanged');
  } catch (error) {
    unknown(error instanceof Error ? error.message : String(error));
    return null;
  }
}

async function aliveTags(pin: Pin, registry: Registry): Promise<readonly string[]> {
  try {
    return liveTags(pin.image.tag, await registry.tags(pin.image));
  } catch {
    return [];
  }
}

function pinInFiles(pin: Pin) {
  if (pin.from === null) return [];
  return [{ image: pin.image, digest: pin.from, sites: pin.sites.map(({ file, line }) => ({ file, line })) }];
}

async function readBaseline(
  tree: Tree,
  path: string,
): Promise<{ readonly value: Baseline | null; readonly failures: readonly Failure[] }> {
  try {
    const parsed = parseBaseline(new TextDecoder().decode(await tree.read(path)));
    if (parsed.ok) return { value: parsed.value, failures: [] };
    const message = `${path} cannot be used: ${parsed.fault}`;
    return {
      value: null,
      failures: [{ subject: path, code: 'invalid-baseline', message, temporary: false }],
    };
  } catch (error) {
    if (error instanceof TreeError && error.code === 'not-found') return { value: null, failures: [] };
    const message = error instanceof Error ? error.message : String(error);
    return { value: null, failures: [{ subject: path, code: 'unreadable', message, temporary: false }] };
  }
}

function unique(failures: readonly Failure[]): readonly Failure[] {
  return [...new Map(failures.map((failure) => [JSON.stringify(failure), failure])).values()];
}
