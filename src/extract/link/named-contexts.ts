import { familiarName, parseImageReference } from '../../domain/image-reference.ts';
import type { Site } from '../../domain/site.ts';
import { compareText } from '../../domain/text.ts';
import type { BuildDeclaration } from '../format.ts';
import { dockerfileOf } from './arguments.ts';
import type { Links } from './links.ts';

/**
 * Marks images of a Dockerfile that its builds replace by a named context (`--build-context python=…`), as BuildKit does
 * (frontend/dockerui, `NamedContext`: names are compared in their familiar form, `:latest` left out). A digest written
 * into the name would make it another one, so it is left alone even where only some builds do; then that is a finding.
 */
export function skipNamedContexts(links: Links): void {
  const buildsOf = new Map<string, BuildDeclaration[]>();
  for (const build of links.builds) {
    const dockerfile = dockerfileOf(links, build);
    if (dockerfile === null) continue;
    const list = buildsOf.get(dockerfile);
    if (list === undefined) buildsOf.set(dockerfile, [build]);
    else list.push(build);
  }
  for (const extraction of links.extractions) {
    const builds = extraction.format === 'dockerfile' ? buildsOf.get(extraction.file) : undefined;
    if (builds === undefined) continue;
    const replacing = byContext(builds);
    if (replacing.size === 0) continue;
    for (const site of extraction.sites)
      skipSite(links, site, replacing.get(contextKey(site)) ?? [], builds.length);
  }
}

/** Builds by the names they give another context, in the order of their places. */
function byContext(builds: readonly BuildDeclaration[]): ReadonlyMap<string, readonly BuildDeclaration[]> {
  const found = new Map<string, BuildDeclaration[]>();
  const ordered = [...builds].sort((a, b) => compareText(a.file, b.file) || a.line - b.line);
  for (const build of ordered) {
    for (const key of new Set(build.contexts.map(({ name }) => keyOfName(name)))) {
      const list = found.get(key);
      if (list === undefined) found.set(key, [build]);
      else list.push(build);
    }
  }
  return found;
}

function skipSite(links: Links, site: Site, replacing: readonly BuildDeclaration[], all: number): void {
  const [first] = replacing;
  if (site.skip !== null || site.kind === 'syntax' || first === undefined) return;
  const where = `${first.file}:${first.line}`;
  const detail = `the build in ${where} gives ${JSON.stringify(site.image.name)} another context under this name: pin it there`;
  links.skips.set(links.keyOf(site), { reason: 'named-context', detail });
  const others = all - replacing.length;
  if (others === 0) return;
  links.note({
    code: 'named-context',
    file: site.file,
    line: site.line,
    pin: null,
    message: `${site.image.name} is another context in the build in ${where}, and an image in ${others === 1 ? 'one other build' : `${others} other builds`}: it is skipped, since another spelling here would miss the context`,
  });
}

function contextKey(site: Site): string {
  const { image } = site;
  const tag = image.tag === null || image.tag === 'latest' ? '' : `:${image.tag}`;
  const digest = image.digest === null ? '' : `@${image.digest}`;
  // BuildKit cuts `:latest` off the end only.
  const whole = image.digest !== null && image.tag === 'latest' ? ':latest' : tag;
  return `${familiarName(image)}${whole}${digest}`;
}

function keyOfName(name: string): string {
  const parsed = parseImageReference(name);
  if (!parsed.ok) return name;
  const { tag, digest } = parsed.value;
  const familiar = familiarName(parsed.value);
  const tagged = tag === null || (tag === 'latest' && digest === null) ? familiar : `${familiar}:${tag}`;
  return digest === null ? tagged : `${tagged}@${digest}`;
}
