import type { Site } from '../../domain/site.ts';
import type { ArgDeclaration, BuildDeclaration } from '../format.ts';
import { argLabel, compare, imageKey, type Links } from './links.ts';

/** Joins ARG defaults with their re-declarations, and with what builds and variables of their name inject. */
export function linkArguments(links: Links): void {
  for (const { file, args } of links.dockerfiles.values()) {
    for (const [name, declared] of args) joinDefaults(links, file, name, declared);
  }
  for (const build of links.builds)
    for (const arg of build.args) inject(links, build, arg.name, links.siteAt(build.file, arg.siteStart));
  for (const extraction of links.extractions) {
    for (const site of [...extraction.sites, ...(extraction.candidates ?? [])]) {
      if (site.kind === 'variable' && site.name !== null) byName(links, site, site.name);
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
export function inject(links: Links, build: BuildDeclaration, name: string, site: Site | undefined): void {
  if (site === undefined) return;
  const dockerfile = dockerfileOf(links, build);
  if (dockerfile === null) byName(links, site, name);
  else if (accepts(links, dockerfile, name, site)) take(links, dockerfile, name, site);
}

/** Joins a site to the Dockerfiles that have an ARG of its name, where nothing says which one is meant. */
function byName(links: Links, site: Site, name: string): void {
  const declaring = (links.dockerfilesByArg.get(name) ?? []).filter((file) =>
    accepts(links, file, name, site),
  );
  if (declaring.length === 0) return;
  const same = declaring.filter((file) =>
    defaultsOf(links, file, name).some((other) => imageKey(other) === imageKey(site)),
  );
  const meant = same.length > 0 ? same : declaring.length === 1 ? declaring : [];
  for (const file of meant) take(links, file, name, site);
  if (declaring.length === 1) return;
  const shown = declaring.slice(0, 4).join(', ');
  const rest = declaring.length > 4 ? ` and ${declaring.length - 4} more` : '';
  const taken =
    meant.length === 0
      ? 'none of them has this image as its default, so it moves alone'
      : `it moves with ${meant.length} of them, whose default is the same image`;
  links.findings.push({
    code: 'ambiguous-build',
    file: site.file,
    line: site.line,
    pin: meant[0] === undefined ? null : argLabel(name, meant[0]),
    message: `${name} is an ARG of ${shown}${rest}, and nothing says which one this is for: ${taken}`,
  });
}

function take(links: Links, dockerfile: string, name: string, site: Site): void {
  links.promote(site);
  links.answer(dockerfile, name);
  links.join(argLabel(name, dockerfile), site);
}

/**
 * Whether an ARG of a Dockerfile takes this value as an image: its default is one, or it has none and names one. An ARG
 * that holds a part of a reference does not.
 */
function accepts(links: Links, dockerfile: string, name: string, site: Site): boolean {
  const declared = links.dockerfiles.get(dockerfile)?.args.get(name) ?? [];
  if (declared.length === 0) return false;
  if (declared.some((arg) => arg.siteStart !== null && holdsReference(links, dockerfile, arg))) return true;
  const namesImage = declared.some((arg) => arg.namesImage && arg.siteStart === null);
  return namesImage && (site.image.tag !== null || site.image.digest !== null);
}

function holdsReference(links: Links, dockerfile: string, arg: ArgDeclaration): boolean {
  return links.siteAt(dockerfile, arg.siteStart)?.slots[0].holds === 'reference';
}

function defaultsOf(links: Links, dockerfile: string, name: string): readonly Site[] {
  const declared = links.dockerfiles.get(dockerfile)?.args.get(name) ?? [];
  return declared
    .flatMap((arg) => links.siteAt(dockerfile, arg.siteStart) ?? [])
    .sort((a, b) => compare(a.file, b.file) || a.start - b.start);
}
