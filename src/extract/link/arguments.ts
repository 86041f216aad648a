import type { Site } from '../../domain/site.ts';
import type { ArgDeclaration, BuildDeclaration } from '../format.ts';
import { type ArgIndex, isTagged } from './arg-index.ts';
import { argLabel, imageKey, type Links } from './links.ts';

/** Joins ARG defaults with their re-declarations, and with what builds inject. */
export function linkArguments(links: Links, index: ArgIndex): void {
  for (const { file, args } of links.dockerfiles.values()) {
    for (const [name, declared] of args) joinDefaults(links, file, name, declared);
  }
  for (const build of links.builds)
    for (const arg of build.args)
      inject(links, index, build, arg.name, links.siteAt(build.file, arg.siteStart));
}

/** Joins variables with the ARGs of their name, where no build says which Dockerfile they are for. */
export function linkVariables(links: Links, index: ArgIndex): void {
  for (const extraction of links.extractions) {
    for (const site of [...extraction.sites, ...(extraction.candidates ?? [])]) {
      if (site.kind === 'variable' && site.name !== null && !links.isPlaced(site))
        byName(links, index, site, site.name);
    }
  }
}

/** The Dockerfile a build reads: null where the build does not say, or says something the files do not hold. */
export function dockerfileOf(links: Links, build: BuildDeclaration): string | null {
  if (build.dockerfile !== null) return links.dockerfiles.has(build.dockerfile) ? build.dockerfile : null;
  if (build.context === null) return null;
  for (const name of ['Dockerfile', 'Containerfile']) {
    const path = build.context === '' ? name : `${build.context}/${name}`;
    if (links.dockerfiles.has(path)) return path;
  }
  return null;
}

function joinDefaults(links: Links, file: string, name: string, declared: readonly ArgDeclaration[]): void {
  for (const { siteStart } of declared) {
    const site = links.siteAt(file, siteStart);
    // The place may belong to another ARG, which this one's default reads.
    if (site !== undefined && site.name === name) links.join(argLabel(name, file), site);
  }
}

/** Joins the site of a build argument to the Dockerfile that the build reads, or to those that its name fits. */
export function inject(
  links: Links,
  index: ArgIndex,
  build: BuildDeclaration,
  name: string,
  site: Site | undefined,
): void {
  if (site === undefined) return;
  const dockerfile = dockerfileOf(links, build);
  if (dockerfile === null) {
    byName(links, index, site, name);
    return;
  }
  links.place(site);
  if (index.accepts(dockerfile, name, site)) take(links, dockerfile, name, site);
}

/** Joins a site to the Dockerfiles that have an ARG of its name, where nothing says which one is meant. */
function byName(links: Links, index: ArgIndex, site: Site, name: string): void {
  const { withImage, all, byImage } = index.declaring(name);
  const declaring = isTagged(site) ? all : withImage;
  const [first] = declaring;
  if (first === undefined) return;
  const same = byImage.get(imageKey(site)) ?? [];
  const meant = same.length > 0 ? same : declaring.length === 1 ? declaring : [];
  for (const file of meant) take(links, file, name, site);
  if (declaring.length === 1) return;
  const shown = declaring.slice(0, 4).join(', ');
  const rest = declaring.length > 4 ? ` and ${declaring.length - 4} more` : '';
  const taken =
    meant.length === 0
      ? 'none of them has this image as its default, so it moves alone'
      : `it moves with ${meant.length} of them, whose default is the same image`;
  links.note({
    code: 'ambiguous-build',
    file: site.file,
    line: site.line,
    pin: meant[0] === undefined ? null : argLabel(name, meant[0]),
    message: `${name} is an ARG of ${shown}${rest}, and it is unclear which one this is for: ${taken}`,
  });
}

function take(links: Links, dockerfile: string, name: string, site: Site): void {
  links.promote(site);
  links.answer(dockerfile, name);
  links.join(argLabel(name, dockerfile), site);
}
