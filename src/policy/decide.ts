import { shortDigest } from '../domain/digest.ts';
import { tagKey } from '../domain/image-reference.ts';
import { formatPlatform } from '../domain/platform.ts';
import type { Resolution } from '../resolve/resolution.ts';
import type { Reason, Verdict } from './verdict.ts';

/** A resolution that got an answer. `failed` ones are failures, never verdicts. */
export type AnsweredResolution = Exclude<Resolution, { readonly status: 'failed' }>;

/** What is known about the move besides the resolution. */
export type RotationFacts = {
  /** The moment the question is asked for. */
  readonly now: Date;
  /** When the digest to adopt was first seen behind its tag; null where it was not kept: then it counts as seen now. */
  readonly firstSeen: Date | null;
};

/** What a repository asks of every move, before any scan or signature is looked at. */
export type RotationRules = {
  /** Adopt an index that lacks platforms the pinned one had. */
  readonly allowLostPlatforms: boolean;
  /** Minutes an index must have been seen unchanged, since official images are pushed one platform after the other. */
  readonly settleMinutes: number;
};

const DEFAULT_ROTATION_RULES: RotationRules = { allowLostPlatforms: false, settleMinutes: 0 };

export type Decision = {
  readonly verdict: Verdict;
  /** The first reason is the deciding one. Never empty. */
  readonly reasons: readonly [Reason, ...Reason[]];
};

/**
 * Decides a move from what the registry said alone: nothing to do, move, or wait.
 * Pure. Later rules (age, severity, trust) may only make the verdict stricter.
 */
export function decideRotation(
  resolution: AnsweredResolution,
  facts: RotationFacts,
  rules: RotationRules = DEFAULT_ROTATION_RULES,
): Decision {
  const name = tagKey(resolution.image);
  switch (resolution.status) {
    case 'current':
      return decision(
        'current',
        resolution.churn
          ? reason('index-churn', `${name} has a new index, but every platform still runs what is pinned`)
          : reason('up-to-date', `the tag of ${name} still points to the pinned digest`),
      );
    case 'unfollowable':
      return decision('hold', reason('platform-gone', `${name} cannot be followed: ${resolution.detail}`));
    case 'lost-platforms': {
      const lost = resolution.lost.map(formatPlatform).sort().join(', ');
      if (!rules.allowLostPlatforms) {
        const message = `the new index of ${name} lacks ${lost}, which the pinned one has`;
        return decision('hold', reason('lost-platform', message));
      }
      const accepted = reason(
        'lost-platform',
        `${lost} is missing from the new index, which the configuration allows`,
      );
      const moved = decideMove(resolution, facts, rules);
      return { verdict: moved.verdict, reasons: [...moved.reasons, accepted] };
    }
    case 'moved':
      return decideMove(resolution, facts, rules);
  }
}

function decideMove(
  resolution: Extract<AnsweredResolution, { readonly status: 'moved' | 'lost-platforms' }>,
  facts: RotationFacts,
  rules: RotationRules,
): Decision {
  const name = tagKey(resolution.image);
  const to = shortDigest(resolution.to);
  if (resolution.from === null) {
    return decision('rotate', reason('first-pin', `${name} is not pinned yet; its tag points to ${to}`));
  }
  const from = shortDigest(resolution.from);
  const newer = reason('newer-digest', `${name} moved from ${from} to ${to}`);
  if (resolution.oldShape === null) {
    // A build that pins a deleted digest is broken already: nothing is won by letting the new one settle.
    const gone = reason('old-digest-gone', `the registry no longer has the pinned digest ${from} of ${name}`);
    return decision('rotate', newer, gone);
  }
  const wait = settleMinutesLeft(resolution.shape.kind, facts, rules);
  if (wait > 0) {
    const message = `the new index of ${name} is still settling, ${wait} of ${rules.settleMinutes} minutes remain`;
    return decision('hold', reason('settling', message), newer);
  }
  return decision('rotate', newer);
}

function settleMinutesLeft(kind: 'index' | 'manifest', facts: RotationFacts, rules: RotationRules): number {
  if (kind !== 'index') return 0;
  const seenFor = facts.firstSeen === null ? 0 : facts.now.getTime() - facts.firstSeen.getTime();
  return Math.ceil(rules.settleMinutes - Math.max(0, seenFor) / 60_000);
}

function reason(code: Reason['code'], message: string): Reason {
  return { code, message };
}

function decision(verdict: Verdict, ...reasons: readonly [Reason, ...Reason[]]): Decision {
  return { verdict, reasons };
}
