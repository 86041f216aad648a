import type { Severity } from '../assess/scan.ts';
import type { ImageSettings } from '../config/image-settings.ts';
import { SEVERITY_ACTIONS, STAGES, type Stage } from '../config/policy-terms.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import type { Lockable, PolicySettings } from '../config/schema/policy.ts';
import { LOCKABLE } from '../config/schema/policy.ts';
import { matchesImage } from '../domain/image-glob.ts';
import type { TaggedImage } from '../domain/image-reference.ts';
import { sayDays } from './age.ts';
import type { AgeRules, FixabilityActions, Gates, ImageRules, SeverityRules } from './rules.ts';
import { trustRules } from './trust-settings.ts';

/** What {@link imageRules} is made from, for one image of a repository. */
export function ruleSources(
  config: RepositoryConfig,
  organisation: PolicySettings | null,
  image: ImageSettings,
): RuleSources {
  return {
    settings: config.policy,
    organisation,
    override: { minimumAge: image.minimumAge ?? undefined, maximumAge: image.maximumAge ?? undefined },
  };
}

/** What the `images` rule of the configuration that speaks for an image says of its age, in days. */
export type AgeOverride = {
  readonly minimumAge?: number | undefined;
  readonly maximumAge?: number | undefined;
};

export type RuleSources = {
  /** The repository's policy, the organisation's merged beneath it. */
  readonly settings: PolicySettings;
  /** The organisation's own policy, where there is one: its `enforced` settings are locked. */
  readonly organisation: PolicySettings | null;
  readonly override: AgeOverride | null;
  /** Gates that are closed where no file names a stage; absent: none, as `monitor` has it. */
  readonly gates?: Partial<Gates>;
};

/**
 * All that policy asks of one image: the stage's gates, single settings over it, the image's own ages, and the
 * organisation's locked settings, which a repository can make stricter and never weaker. Pure.
 */
export function imageRules(image: TaggedImage, sources: RuleSources): ImageRules {
  const fallback = sources.gates ?? {};
  const own = plainRules(image, sources.settings, sources.override, fallback);
  const organisation = sources.organisation;
  if (organisation === null) return own;
  const locked = lockedSettings(organisation);
  if (locked.size === 0) return own;
  return lock(own, plainRules(image, organisation, null, fallback), locked);
}

/** The gates of a repository, the same for all of its images. Pure. */
export function repositoryGates(sources: Omit<RuleSources, 'override'>): Gates {
  return imageRules({ registry: '', repository: '', tag: '' }, { ...sources, override: null }).gates;
}

/** The settings that an organisation's policy locks. */
function lockedSettings(organisation: PolicySettings): ReadonlySet<Lockable> {
  if (organisation.enforced === true) return new Set(LOCKABLE);
  return new Set(organisation.enforced === false ? [] : organisation.enforced);
}

/** Which gates a stage enforces; each stage includes the ones before. */
export function stageGates(stage: Stage): Gates {
  const reached = (wanted: Stage) => (STAGES.indexOf(stage) >= STAGES.indexOf(wanted) ? 'enforce' : 'show');
  return { baseline: reached('baseline'), age: reached('age'), trust: reached('provenance') };
}

function plainRules(
  image: TaggedImage,
  settings: PolicySettings,
  override: AgeOverride | null,
  fallback: Partial<Gates>,
): ImageRules {
  const stage = settings.stage ?? 'monitor';
  const matched = [`stage ${stage}${settings.stage === undefined ? ' (default)' : ''}`];
  const gates = { ...stageGates(stage), ...(settings.stage === undefined ? fallback : {}) };
  for (const [gate, mode] of Object.entries(settings.gates)) matched.push(`gate ${gate}: ${mode}`);
  if (override?.maximumAge !== undefined) matched.push(`images: maximum age ${sayDays(override.maximumAge)}`);
  if (override?.minimumAge !== undefined) matched.push(`images: minimum age ${sayDays(override.minimumAge)}`);
  const trust = trustRules(settings.trust).filter((rule) => matchesImage(rule.image, image));
  matched.push(...trust.map((rule) => `trust rule ${rule.name}`));
  const effective: Gates = {
    baseline: settings.gates.baseline ?? gates.baseline,
    age: settings.gates.age ?? gates.age,
    trust: settings.gates.trust ?? gates.trust,
  };
  const { withoutScan, ...actions } = settings.severity;
  return {
    stage,
    gates: effective,
    age: ageRules(settings, override),
    severity: { actions, withoutScan },
    rotation: { allowLostPlatforms: settings.allowLostPlatforms, settleMinutes: settings.settle * 24 * 60 },
    pinned: settings.pinned,
    exceptions: settings.exceptions,
    urgent: settings.urgent,
    trust,
    lostSignature: settings.lostSignature ?? (effective.trust === 'enforce' ? 'block' : 'warn'),
    matched,
  };
}

function ageRules(settings: PolicySettings, override: AgeOverride | null): AgeRules {
  const { maximum, minimum, ...rest } = settings.age;
  const own = maximum === false ? null : maximum;
  return {
    ...rest,
    maximumDays: override?.maximumAge ?? own,
    minimumDays: override?.minimumAge ?? minimum,
  };
}

/** The stricter of both, setting by setting, where it is locked. */
function lock(own: ImageRules, floor: ImageRules, locked: ReadonlySet<Lockable>): ImageRules {
  const stage =
    locked.has('stage') && STAGES.indexOf(floor.stage) > STAGES.indexOf(own.stage) ? floor.stage : own.stage;
  // A locked stage that single gates could open again would be no lock.
  const locksGates = locked.has('gates') || locked.has('stage');
  const gates = locksGates ? stricterGates(own.gates, floor.gates) : own.gates;
  const rules: ImageRules = {
    ...own,
    stage,
    gates,
    age: locked.has('age') ? stricterAge(own.age, floor.age) : own.age,
    pinned: locked.has('pinned') ? first(['required', 'warn', 'off'], own.pinned, floor.pinned) : own.pinned,
    severity: locked.has('severity') ? stricterSeverity(own.severity, floor.severity) : own.severity,
    exceptions: locked.has('exceptions') ? floor.exceptions : own.exceptions,
    lostSignature:
      locked.has('lostSignature') || locksGates
        ? first(['block', 'warn'], own.lostSignature, floor.lostSignature)
        : own.lostSignature,
    trust: locked.has('trust') ? uniqueRules([...floor.trust, ...own.trust]) : own.trust,
  };
  const changed = (
    ['stage', 'gates', 'age', 'pinned', 'severity', 'exceptions', 'lostSignature', 'trust'] as const
  )
    .filter((key) => JSON.stringify(rules[key]) !== JSON.stringify(own[key]))
    .map((key) => `${key}: the organisation's setting is enforced over the repository's weaker one`);
  return { ...rules, matched: [...own.matched, ...changed] };
}

function stricterGates(a: Gates, b: Gates): Gates {
  return {
    baseline: first(['enforce', 'show'], a.baseline, b.baseline),
    age: first(['enforce', 'show'], a.age, b.age),
    trust: first(['enforce', 'show'], a.trust, b.trust),
  };
}

function stricterAge(own: AgeRules, floor: AgeRules): AgeRules {
  const limits = [own.maximumDays, floor.maximumDays].filter((days) => days !== null);
  return {
    maximumDays: limits.length === 0 ? null : Math.min(...limits),
    minimumDays: Math.max(own.minimumDays, floor.minimumDays),
    basis: floor.basis,
    ageingPercent: Math.min(own.ageingPercent, floor.ageingPercent),
    stagnant: first(['violation', 'warn'], own.stagnant, floor.stagnant),
    unknown: first(['violation', 'failure', 'warn'], own.unknown, floor.unknown),
    skipMinimumFor: own.skipMinimumFor.filter((severity) => floor.skipMinimumFor.includes(severity)),
    pastMaximum: floor.pastMaximum,
    strict: own.strict || floor.strict,
  };
}

function stricterSeverity(own: SeverityRules, floor: SeverityRules): SeverityRules {
  const stricter = (severity: Severity): FixabilityActions => ({
    fixable: first(SEVERITY_ACTIONS, own.actions[severity].fixable, floor.actions[severity].fixable),
    unfixable: first(SEVERITY_ACTIONS, own.actions[severity].unfixable, floor.actions[severity].unfixable),
  });
  return {
    actions: {
      critical: stricter('critical'),
      high: stricter('high'),
      medium: stricter('medium'),
      low: stricter('low'),
      negligible: stricter('negligible'),
      unknown: stricter('unknown'),
    },
    withoutScan: first(['hold', 'adopt'], own.withoutScan, floor.withoutScan),
  };
}

/** Whichever of two words stands first in a list that goes from strict to lax. */
function first<Word extends string>(order: readonly Word[], a: Word, b: Word): Word {
  return order.indexOf(a) <= order.indexOf(b) ? a : b;
}

function uniqueRules<Rule>(rules: readonly Rule[]): readonly Rule[] {
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
}
