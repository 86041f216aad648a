import type { Site } from '../domain/site.ts';
import { compareText } from '../domain/text.ts';
import type { FileExtraction } from './format.ts';
import { ArgIndex } from './link/arg-index.ts';
import { linkArguments, linkVariables } from './link/arguments.ts';
import { linkDigests } from './link/digests.ts';
import { disagreements } from './link/disagreements.ts';
import { linkEnvFiles } from './link/env-files.ts';
import { type LinkFinding, Links } from './link/links.ts';
import { skipNamedContexts } from './link/named-contexts.ts';

/** All files together: their extractions with sites joined into pins, and what does not agree or cannot be known. */
export type LinkedExtractions = {
  /** In the order given. Candidates and bare digests that are part of a pin, or carry a digest, are sites now. */
  readonly extractions: readonly FileExtraction[];
  /** By file and line. */
  readonly findings: readonly LinkFinding[];
};

/**
 * Joins what single files say. A build-arg pin is an ARG's default in a Dockerfile, its re-declarations in stages, and
 * every place that injects it there; its sites get one id (`arg:PYTHON_IMAGE@docker/api/Dockerfile`). A build that names
 * its Dockerfile reaches that one alone; where it cannot be known, the name decides, and that is a finding. A digest that
 * stands alone moves with the image that has the same one. A name that every build of a Dockerfile gives another
 * context (`--build-context`) is no image there.
 *
 * Pure, deterministic: the result does not depend on the order of the files. Linear in sites, builds and the Dockerfiles
 * each of them reaches.
 */
export function linkExtractions(extractions: readonly FileExtraction[]): LinkedExtractions {
  const links = new Links(extractions);
  const index = new ArgIndex(links);
  linkArguments(links, index);
  linkEnvFiles(links, index);
  linkVariables(links, index);
  linkDigests(links);
  skipNamedContexts(links);
  const pins = links.pins();
  const findings = [...links.findings, ...disagreements(links)].sort(
    (a, b) => compareText(a.file, b.file) || a.line - b.line || compareText(a.message, b.message),
  );
  return { extractions: extractions.map((extraction) => linked(extraction, links, pins)), findings };
}

function linked(extraction: FileExtraction, links: Links, pins: ReadonlyMap<string, string>): FileExtraction {
  const settle = (site: Site): Site => {
    const key = links.keyOf(site);
    const pin = pins.get(key) ?? null;
    const skip = site.skip ?? links.skips.get(key) ?? null;
    return pin === site.pin && skip === site.skip ? site : { ...site, pin, skip };
  };
  const { candidates, digests, ...rest } = extraction;
  const promoted = [...(candidates ?? []), ...links.madeFrom(digests ?? [])].filter((site) =>
    links.isPromoted(site),
  );
  const sites = [...extraction.sites, ...promoted].map(settle);
  if (promoted.length > 0) sites.sort((a, b) => a.start - b.start);
  const { skipped } = extraction;
  return links.answered.size === 0
    ? { ...rest, sites }
    : { ...rest, sites, skipped: skipped.filter((skip) => !links.answered.has(skip)) };
}
