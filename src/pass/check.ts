import type { Failure } from '../domain/errors.ts';
import { canonicalName, type TaggedImage, tagKey } from '../domain/image-reference.ts';
import type { Site } from '../domain/site.ts';
import {
  type CheckFinding,
  type CheckReport,
  checkPins,
  type PinToCheck,
  sortFindings,
} from '../policy/check.ts';
import { exceptionNotices } from '../policy/exceptions.ts';
import { checkLedger, type PinInFiles } from '../policy/ledger-check.ts';
import { liveTags } from '../policy/live-tags.ts';
import type { ImageRules } from '../policy/rules.ts';
import { repositoryGates } from '../policy/stages.ts';
import { sayUnmatched, unmatchedTrust } from '../policy/unmatched-patterns.ts';
import { mapPooled } from '../resolve/pool.ts';
import type { Registry } from '../resolve/registry.ts';
import { NO_CLOCKS } from './clocks.ts';
import { rulesOf } from './lead.ts';
import { imageFailures, type Pass, type PinAnswer } from './pass.ts';
import type { Survey } from './survey.ts';

export type CheckResult = {
  readonly report: CheckReport;
  readonly survey: Survey;
  /** Images and files that could not be looked at. */
  readonly failures: readonly Failure[];
  /** Sentences for a person: why an age is not known, and the like. */
  readonly notes: readonly string[];
};

const LISTS_AT_ONCE = 8;

/** By pin: other tags of its image that are still built. */
export type LiveTags = ReadonlyMap<PinAnswer, readonly string[]>;

/**
 * Tags that stagnant pins could move to: one list of tags for each. An outage names none.
 */
export async function findLiveTags(pass: Pass, registry: Registry): Promise<LiveTags> {
  const stagnant = pass.answers.filter(({ age }) => age?.status === 'stagnant');
  const found = await mapPooled(stagnant, LISTS_AT_ONCE, async (answer) => {
    const { image } = answer.pin;
    const tags = await registry.tags(image).catch(() => []);
    return [answer, liveTags(image.tag, tags)] as const;
  });
  return new Map(found);
}

/**
 * Every pin of a pass as it stands: the same in a terminal, on a pull request and on the default branch. `ledger`: ledger
 * and files must agree. Pure.
 */
export function checkView(
  pass: Pass,
  { ledger, alive }: { readonly ledger: boolean; readonly alive: LiveTags },
): CheckResult {
  const { survey, config, request, answers } = pass;
  const checked = answers.map((answer) => toCheck(answer, alive.get(answer) ?? []));
  const report = checkPins(checked, { asOf: request.asOf, baseline: pass.baseline });
  const disagreements =
    ledger && survey.ledger !== null
      ? checkLedger(answers.flatMap(pinInFiles), { ...survey.ledger, entries: pass.rows })
      : [];
  const bare = survey.sites
    .filter((site) => site.skip?.reason === 'digest-without-tag')
    .map((site) => ({ site, rules: rulesOf(taglessImage(site), config, request) }));
  const unjudged = [
    ...checked.flatMap(({ image, age, rules, touched }) =>
      age !== null && age.basis === null ? unknownAge(tagKey(image), age.message, rules, touched) : [],
    ),
    ...bare.flatMap(({ site, rules }) =>
      unknownAge(canonicalName(site.image), site.skip?.detail ?? '', rules, true),
    ),
  ];
  const deadTrust = unmatchedTrust(
    survey.unmatched,
    repositoryGates({
      settings: config.policy,
      organisation: request.organisation,
      gates: request.gates,
    }),
  );
  const extra = [...disagreements, ...deadTrust, ...bare.map(({ site, rules }) => tagless(site, rules))];
  const isAgeOpen = checked.some(({ age }) => age !== null && age.basis === null);
  return {
    report: {
      pins: report.pins,
      findings: sortFindings([...report.findings, ...extra]),
      violations: sortFindings([...report.violations, ...extra.filter((f) => f.level === 'violation')]),
    },
    survey,
    failures: [...survey.failures, ...unique([...pass.gaps, ...imageFailures(pass), ...unjudged])],
    notes: [
      // Where other clocks told every age, what the history lacks is nobody's trouble.
      ...(isAgeOpen ? pass.historyNotes : []),
      ...pass.notes,
      // A finding says it already where trust is enforced.
      ...survey.unmatched.filter(({ isTrust }) => !isTrust || deadTrust.length === 0).map(sayUnmatched),
      ...exceptionNotices(config.policy.exceptions, request.asOf).map(({ message }) => message),
    ],
  };
}

function toCheck(answer: PinAnswer, alive: readonly string[]): PinToCheck {
  const { pin, rules, clocks, age, verdict, reasons, touched, findings, trust, resolution } = answer;
  const isAnswered = resolution !== null && resolution.status !== 'failed';
  return {
    image: pin.image,
    digest: pin.from,
    sites: pin.sites.map(({ file, line }) => ({ file, line })),
    latest: isAnswered ? resolution.latest.digest : null,
    clocks: clocks ?? NO_CLOCKS,
    age,
    verdict,
    reasons,
    rules,
    touched,
    findings,
    trust,
    liveTags: alive,
  };
}

/** A digest whose tag is unknown can never be told old or new: said, not passed over. */
function tagless(site: Site, rules: ImageRules): CheckFinding {
  const isViolation = rules.gates.age === 'enforce' && rules.age.unknown === 'violation';
  return {
    rule: 'unknown-age',
    level: isViolation ? 'violation' : 'warning',
    image: canonicalName(site.image),
    file: site.file,
    line: site.line,
    message: `${site.text}: age unknown: ${site.skip?.detail ?? ''}`,
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

function pinInFiles({ pin }: PinAnswer): readonly PinInFiles[] {
  if (pin.from === null) return [];
  return [{ image: pin.image, digest: pin.from, sites: pin.sites.map(({ file, line }) => ({ file, line })) }];
}

function unique(failures: readonly Failure[]): readonly Failure[] {
  return [...new Map(failures.map((failure) => [JSON.stringify(failure), failure])).values()];
}
