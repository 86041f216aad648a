import type { ImageTrust } from './assess/signature.ts';
import { askHistory, type CheckPorts, clocksOf, ledgerEntries } from './check-pass.ts';
import { imageSettings } from './config/image-settings.ts';
import { ruleSources } from './config/policy-sources.ts';
import type { RepositoryConfig } from './config/repository.ts';
import type { PolicySettings } from './config/schema/policy.ts';
import type { Digest } from './domain/digest.ts';
import type { Failure } from './domain/errors.ts';
import { isoDate } from './domain/ledger-entry.ts';
import { groupPins, type Pin } from './plan/pins.ts';
import { type Judgement, judge, type PinFacts } from './policy/judge.ts';
import type { ImageRules } from './policy/rules.ts';
import { imageRules } from './policy/stages.ts';
import { resolvePins } from './resolve/resolve.ts';
import { surveyTree } from './survey.ts';

export type ExplainRequest = {
  readonly asOf: Date;
  readonly matches: (pin: Pin) => boolean;
  readonly organisation?: PolicySettings | null;
};

export type Explained = {
  readonly facts: PinFacts;
  readonly rules: ImageRules;
  readonly judgement: Judgement;
};

/**
 * Gathers the facts of some pins of a tree and judges them as a rotation would, without scanning: what the tag points
 * to, the three clocks, signatures of both digests. Writes nothing.
 */
export async function explainPass(
  ports: CheckPorts,
  config: RepositoryConfig,
  request: ExplainRequest,
): Promise<{ readonly explained: readonly Explained[]; readonly failures: readonly Failure[] }> {
  const survey = await surveyTree(ports.tree, config);
  const pins = groupPins(survey.sites).filter(request.matches);
  const entries = ledgerEntries(survey, pins);
  const history = await askHistory(ports.history, pins, entries);
  const resolutions = await resolvePins(pins, ports.registry, { concurrency: 16, now: request.asOf });
  const explained: Explained[] = [];
  const failures: Failure[] = [];
  for (const [index, pin] of pins.entries()) {
    const resolution = resolutions[index];
    if (resolution === undefined) continue;
    if (resolution.status === 'failed') {
      failures.push(resolution.failure);
      continue;
    }
    const settings = imageSettings(config, pin.image, isoDate(request.asOf));
    const rules = imageRules(pin.image, ruleSources(config, request.organisation ?? null, settings));
    const to = 'to' in resolution ? resolution.to : null;
    const facts: PinFacts = {
      resolution,
      asOf: request.asOf,
      clocks: await clocksOf(pin, rules, { ports, asOf: request.asOf, entries, history }),
      firstSeen: null,
      earlier: [],
      ignored: settings.ignored,
      ignoredDigests: settings.ignoredDigests,
      hold: settings.hold,
      about: null,
      security: null,
      trustBefore: await trustOf(pin, pin.from, ports),
      trustAfter: await trustOf(pin, to, ports),
      coolDown: null,
    };
    explained.push({ facts, rules, judgement: judge(facts, rules) });
  }
  return { explained, failures };
}

async function trustOf(pin: Pin, digest: Digest | null, ports: CheckPorts): Promise<ImageTrust | null> {
  if (digest === null || ports.signatures === null) return null;
  const { verifier, keys, gaps } = ports.signatures;
  const trust = await verifier.assess(pin.image, digest, keys);
  return { ...trust, gaps: [...trust.gaps, ...gaps] };
}
