import { imageSettings } from '../config/image-settings.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import type { PolicySettings } from '../config/schema/policy.ts';
import type { Failure } from '../domain/errors.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import { parsePlatforms } from '../domain/platform.ts';
import { groupPins, type Pin } from '../plan/pins.ts';
import { resolvePins } from '../resolve/resolve.ts';
import type { CheckPorts } from './check-pass.ts';
import { type FactPorts, type JudgedPin, judgePin } from './judge-pin.ts';
import { askHistory, clocksOf, ledgerEntries, ledgerRows } from './pin-clocks.ts';
import { surveyTree } from './survey.ts';

export type ExplainRequest = {
  readonly asOf: Date;
  readonly matches: (pin: Pin) => boolean;
  readonly organisation?: PolicySettings | null;
};

/**
 * Gathers the facts of some pins of a tree and judges them as a rotation would: what the tag points to, the three
 * clocks, and what `facts` can tell. Writes nothing.
 */
export async function explainPass(
  ports: Pick<CheckPorts, 'tree' | 'registry' | 'history'> & { readonly facts: FactPorts },
  config: RepositoryConfig,
  request: ExplainRequest,
): Promise<{ readonly explained: readonly JudgedPin[]; readonly failures: readonly Failure[] }> {
  const survey = await surveyTree(ports.tree, config);
  const pins = groupPins(survey.sites).filter(request.matches);
  const rowOf = ledgerRows(ledgerEntries(survey, pins));
  const history = await askHistory(ports.history, pins, rowOf);
  const wanted = pins.map((pin) => ({
    image: pin.image,
    from: pin.from,
    platforms: parsePlatforms(imageSettings(config, pin.image, isoDate(request.asOf)).platforms ?? []),
  }));
  const resolutions = await resolvePins(wanted, ports.registry, { concurrency: 16, now: request.asOf });
  const explained: JudgedPin[] = [];
  const failures: Failure[] = [];
  for (const [index, pin] of pins.entries()) {
    const resolution = resolutions[index];
    if (resolution === undefined) continue;
    if (resolution.status === 'failed') {
      failures.push(resolution.failure);
      continue;
    }
    explained.push(
      await judgePin(pin, resolution, {
        ports: ports.facts,
        config,
        organisation: request.organisation ?? null,
        asOf: request.asOf,
        clocks: (of, rules) => clocksOf(of, rules, { ports, asOf: request.asOf, rowOf, history }),
      }),
    );
  }
  return { explained, failures };
}
