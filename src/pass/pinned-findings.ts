import { findingsOf } from '../assess/diff/scan-diff.ts';
import type { Finding } from '../assess/scan.ts';
import { imageSettings } from '../config/image-settings.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import type { Tree } from '../discover/tree.ts';
import { type Failure, messageOf } from '../domain/errors.ts';
import { type TaggedImage, tagKey } from '../domain/image-reference.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import { type Platform, parsePlatforms } from '../domain/platform.ts';
import { groupPins, type Pin } from '../plan/pins.ts';
import { mapPooled } from '../resolve/pool.ts';
import type { FactPorts } from './ports.ts';
import { surveyTree } from './survey.ts';

/** What a scan of a pinned digest finds; null where there was none, and then a gap says why. */
export type PinnedFindings = {
  readonly findings: readonly Finding[] | null;
  readonly gaps: readonly Failure[];
};

export const NO_FINDINGS: PinnedFindings = { findings: null, gaps: [] };

const SCANS_AT_ONCE = 8;

/** Scans the digest of a pin. What cannot be scanned is a gap, never empty. Never throws. */
export async function pinnedFindings(
  { image, from }: Pin,
  platforms: readonly Platform[],
  { scan }: Pick<FactPorts, 'scan'>,
): Promise<PinnedFindings> {
  if (from === null) return NO_FINDINGS;
  const unknown = (why: string): readonly Failure[] => {
    const message = `vulnerabilities unknown, so the baseline cannot be checked: ${why}`;
    return [{ subject: tagKey(image), code: 'scan-unavailable', message, temporary: true }];
  };
  if (scan === null) return { findings: null, gaps: unknown('no scanner is available') };
  try {
    const fact = await scan({ repository: image, tag: image.tag, from: null, to: from, platforms });
    const missing = fact.platforms.find(({ findings }) => findings === null);
    const gaps =
      missing === undefined ? [] : unknown(missing.unavailable ?? 'a platform could not be scanned');
    return { findings: findingsOf(fact, 'unchanged'), gaps };
  } catch (error) {
    return { findings: null, gaps: unknown(messageOf(error)) };
  }
}

/** The findings of every pinned digest of a tree: what a baseline would accept. Asks no registry for tags. */
export async function findingsOfTree(
  tree: Tree,
  config: RepositoryConfig,
  ports: Pick<FactPorts, 'scan'>,
  now: Date,
): Promise<{
  readonly images: readonly { readonly image: TaggedImage; readonly findings: readonly Finding[] }[];
  readonly failures: readonly Failure[];
}> {
  const survey = await surveyTree(tree, config);
  const pins = groupPins(survey.sites).filter(({ from }) => from !== null);
  const scanned = await mapPooled(pins, SCANS_AT_ONCE, (pin) => {
    const { platforms } = imageSettings(config, pin.image, isoDate(now));
    return pinnedFindings(pin, parsePlatforms(platforms ?? []), ports);
  });
  return {
    images: pins.map(({ image }, index) => ({ image, findings: scanned[index]?.findings ?? [] })),
    failures: [...survey.failures, ...scanned.flatMap(({ gaps }) => gaps)],
  };
}
