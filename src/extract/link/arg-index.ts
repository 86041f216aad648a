import type { Site } from '../../domain/site.ts';
import { compareText } from '../../domain/text.ts';
import { imageKey, type Links } from './links.ts';

/** The Dockerfiles that have an ARG of one name and take it for an image. Paths are sorted. */
export type Declaring = {
  /** Those whose default is a whole reference. */
  readonly withImage: readonly string[];
  /** Those that name an image with it and give it no default. */
  readonly withoutDefault: readonly string[];
  /** Both. */
  readonly all: readonly string[];
  /** Those of the first kind by the image of their default, digest apart. */
  readonly byImage: ReadonlyMap<string, readonly string[]>;
};

/** Tells by name which Dockerfiles an argument may be for; each name is looked into once. */
export class ArgIndex {
  readonly #links: Links;
  readonly #known = new Map<string, Declaring>();

  constructor(links: Links) {
    this.#links = links;
  }

  declaring(name: string): Declaring {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const fresh = this.#read(name);
    this.#known.set(name, fresh);
    return fresh;
  }

  /** Whether an ARG of a Dockerfile takes this value as an image. One that holds a part of a reference does not. */
  accepts(dockerfile: string, name: string, site: Site): boolean {
    const kind = this.#kindOf(dockerfile, name);
    return kind === 'image' || (kind === 'no-default' && isTagged(site));
  }

  #read(name: string): Declaring {
    const withImage: string[] = [];
    const withoutDefault: string[] = [];
    const byImage = new Map<string, string[]>();
    for (const file of this.#links.dockerfilesByArg.get(name) ?? []) {
      const kind = this.#kindOf(file, name);
      if (kind === 'no-default') withoutDefault.push(file);
      if (kind !== 'image') continue;
      withImage.push(file);
      for (const key of new Set(this.#defaultsOf(file, name).map(imageKey))) {
        const files = byImage.get(key);
        if (files === undefined) byImage.set(key, [file]);
        else files.push(file);
      }
    }
    const all = withoutDefault.length === 0 ? withImage : [...withImage, ...withoutDefault].sort(compareText);
    return { withImage, withoutDefault, all, byImage };
  }

  #kindOf(dockerfile: string, name: string): 'image' | 'no-default' | 'other' {
    const declared = this.#links.dockerfiles.get(dockerfile)?.args.get(name) ?? [];
    if (this.#defaultsOf(dockerfile, name).some((site) => site.slots[0].holds === 'reference'))
      return 'image';
    return declared.some((arg) => arg.namesImage && arg.siteStart === null) ? 'no-default' : 'other';
  }

  #defaultsOf(dockerfile: string, name: string): readonly Site[] {
    const declared = this.#links.dockerfiles.get(dockerfile)?.args.get(name) ?? [];
    return declared.flatMap((arg) => this.#links.siteAt(dockerfile, arg.siteStart) ?? []);
  }
}

/** Whether a value is more than a name: what an ARG without a default may hold otherwise is anybody's guess. */
export function isTagged(site: Site): boolean {
  return site.image.tag !== null || site.image.digest !== null;
}
