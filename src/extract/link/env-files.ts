import { folderOf } from '../../domain/path.ts';
import type { Site } from '../../domain/site.ts';
import type { ArgIndex } from './arg-index.ts';
import { inject } from './arguments.ts';
import type { Links } from './links.ts';

const ONE_VARIABLE = /^\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?:\}$|:?[-?])|([A-Za-z_][A-Za-z0-9_]*)$)/;

/**
 * Compose reads the `.env` beside it: a variable there that a service's image or a build argument reads is that image,
 * and moves with the default that stands in the Compose file.
 */
export function linkEnvFiles(links: Links, index: ArgIndex): void {
  const variables = new Map<string, Site>();
  for (const extraction of links.extractions) {
    if (extraction.format !== 'env-file') continue;
    for (const site of [...extraction.sites, ...(extraction.candidates ?? [])]) {
      if (site.name !== null) variables.set(`${folderOf(site.file)} ${site.name}`, site);
    }
  }
  if (variables.size === 0) return;
  for (const extraction of links.extractions) {
    if (extraction.format !== 'compose') continue;
    const variableFor = (text: string): Site | undefined => {
      const match = ONE_VARIABLE.exec(text);
      return match === null
        ? undefined
        : variables.get(`${folderOf(extraction.file)} ${match[1] ?? match[2]}`);
    };
    for (const site of extraction.sites) {
      const variable = site.kind === 'image' && site.name !== null ? variableFor(`$${site.name}`) : undefined;
      if (variable === undefined) continue;
      links.promote(variable);
      links.tie(site, variable);
    }
    for (const skip of extraction.skipped) {
      const variable = skip.reason === 'unresolvable-variable' ? variableFor(skip.text) : undefined;
      if (variable === undefined) continue;
      links.promote(variable);
      links.answered.add(skip);
    }
    for (const build of extraction.builds) {
      for (const { name, siteStart, value } of build.args) {
        if (siteStart === null)
          inject(links, index, build, name, variableFor(value === '' ? `$${name}` : value));
      }
    }
  }
}
