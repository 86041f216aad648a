import { canonicalName, type ImageReference } from '../../domain/image-reference.ts';
import type { Site, Skip, SkippedText } from '../../domain/site.ts';
import { compareText } from '../../domain/text.ts';
import type { ArgDeclaration, BareDigest, BuildDeclaration, FileExtraction } from '../format.ts';

/** Something that does not agree, or cannot be known from the files. */
export type LinkFinding = {
  readonly code: 'digest-disagreement' | 'image-disagreement' | 'ambiguous-build' | 'named-context';
  readonly file: string;
  readonly line: number;
  /** The pin it concerns; null where there is none. */
  readonly pin: string | null;
  /** One sentence for a person: what differs, and which one counts. */
  readonly message: string;
};

/** A Dockerfile (or a file that holds one): its ARGs by name. */
export type DockerfileArgs = {
  readonly file: string;
  readonly args: ReadonlyMap<string, readonly ArgDeclaration[]>;
};

/** The working state of one linking: an index of what the files say, and which sites move together. */
export class Links {
  readonly builds: readonly BuildDeclaration[];
  readonly dockerfiles: ReadonlyMap<string, DockerfileArgs>;
  /** Dockerfiles that declare an ARG of a name and read it to name an image, or default it to one. */
  readonly dockerfilesByArg: ReadonlyMap<string, readonly string[]>;
  readonly #findings = new Map<string, LinkFinding>();
  readonly skips = new Map<string, Skip>();
  /** Skipped texts whose image was found elsewhere. */
  readonly answered = new Set<SkippedText>();
  readonly extractions: readonly FileExtraction[];
  readonly #sites = new Map<string, Site>();
  readonly #digests = new Map<string, BareDigest>();
  readonly #candidates = new Set<string>();
  readonly #promoted = new Set<string>();
  readonly #placed = new Set<string>();
  readonly #madeFromDigest = new Map<string, Site>();
  /** Texts of Dockerfiles that name a variable nobody there gives a value. */
  readonly #riddles = new Map<string, readonly SkippedText[]>();
  readonly #parent = new Map<string, string>();
  /** The first of a group's labels (`arg:X@file`), in their order, under its root. */
  readonly #labels = new Map<string, string>();

  constructor(extractions: readonly FileExtraction[]) {
    this.extractions = extractions;
    this.builds = extractions.flatMap((extraction) => extraction.builds);
    const dockerfiles = new Map<string, { file: string; args: Map<string, ArgDeclaration[]> }>();
    for (const extraction of extractions) {
      for (const site of extraction.sites) this.#sites.set(this.keyOf(site), site);
      for (const digest of extraction.digests ?? []) this.#digests.set(this.keyOf(digest), digest);
      for (const site of extraction.candidates ?? []) {
        const key = this.keyOf(site);
        this.#candidates.add(key);
        this.#sites.set(key, site);
        if (site.image.digest !== null) this.#promoted.add(key);
      }
      if (extraction.format !== 'dockerfile' && extraction.args.length === 0) continue;
      const riddles = extraction.skipped.filter(({ reason }) => reason === 'unresolvable-variable');
      if (riddles.length > 0) this.#riddles.set(extraction.file, riddles);
      const known = dockerfiles.get(extraction.file) ?? { file: extraction.file, args: new Map() };
      for (const arg of extraction.args) {
        const same = known.args.get(arg.name);
        if (same === undefined) known.args.set(arg.name, [arg]);
        else same.push(arg);
      }
      dockerfiles.set(extraction.file, known);
    }
    this.dockerfiles = dockerfiles;
    this.dockerfilesByArg = byArg(dockerfiles.values());
  }

  get findings(): readonly LinkFinding[] {
    return [...this.#findings.values()];
  }

  /** Notes a finding; the same one at the same place counts once. */
  note(finding: LinkFinding): void {
    this.#findings.set(`${finding.file}:${finding.line} ${finding.message}`, finding);
  }

  /** The key of a place: its file and where it starts. */
  keyOf(place: { readonly file: string; readonly start: number }): string {
    return placeKey(place.file, place.start);
  }

  /** The site or candidate that starts there. */
  siteAt(file: string, start: number | null): Site | undefined {
    if (start === null) return undefined;
    const key = placeKey(file, start);
    return this.#sites.get(key) ?? this.#madeFromDigest.get(key);
  }

  /** The bare digest that starts there. */
  digestAt(file: string, start: number | null): BareDigest | undefined {
    return start === null ? undefined : this.#digests.get(placeKey(file, start));
  }

  /** Makes a candidate a site. */
  promote(site: Site): void {
    this.#promoted.add(this.keyOf(site));
  }

  /** Whether a candidate, or a site made from a bare digest, counts. */
  isPromoted(site: Site): boolean {
    return this.#promoted.has(this.keyOf(site));
  }

  /** Notes that a build says which Dockerfile a site is for: then its name says no more. */
  place(site: Site): void {
    this.#placed.add(this.keyOf(site));
  }

  isPlaced(site: Site): boolean {
    return this.#placed.has(this.keyOf(site));
  }

  /** Notes that an ARG without a default has its image elsewhere: `FROM ${NAME}` is no riddle any more. */
  answer(dockerfile: string, name: string): void {
    for (const skip of this.#riddles.get(dockerfile) ?? []) {
      if (skip.text === `\${${name}}` || skip.text === `$${name}`) this.answered.add(skip);
    }
  }

  /** Makes a bare digest a site of `image`; of another site's, its `twin`, where that is given. */
  makeSite(digest: BareDigest, image: ImageReference, twin: Site | null = null): Site {
    const { start, end, text } = digest;
    const hint = twin?.tagHint ?? null;
    const site: Site = {
      ...digest,
      image,
      slots: [{ holds: 'digest', start, end, text }],
      skip: null,
      // The comment that names the tag is kept true at the image.
      tagHint: hint === null ? null : { image: hint.image, slots: [] },
      pin: null,
      ...(twin === null ? {} : { twin: true }),
    };
    const key = this.keyOf(digest);
    this.#madeFromDigest.set(key, site);
    this.#promoted.add(key);
    return site;
  }

  /** The sites made from these digests. */
  madeFrom(digests: readonly BareDigest[]): readonly Site[] {
    return digests.flatMap((digest) => this.#madeFromDigest.get(this.keyOf(digest)) ?? []);
  }

  /** Puts a site into the group that `label` names. */
  join(label: string, site: Site): void {
    this.#union(`label ${label}`, this.keyOf(site));
    this.#label(this.#root(this.keyOf(site)), label);
  }

  /** Lets two sites move together. */
  tie(a: Site, b: Site): void {
    this.#union(this.keyOf(a), this.keyOf(b));
  }

  /** The groups of more than one site that counts, each with its name; sites by file and place. */
  groups(): readonly { readonly label: string; readonly sites: readonly Site[] }[] {
    const members = new Map<string, Site[]>();
    for (const [key, site] of [...this.#sites, ...this.#madeFromDigest]) {
      if (!this.#parent.has(key) || (this.#candidates.has(key) && !this.#promoted.has(key))) continue;
      const root = this.#root(key);
      const group = members.get(root);
      if (group === undefined) members.set(root, [site]);
      else group.push(site);
    }
    return [...members]
      .filter(([, sites]) => sites.length > 1)
      .map(([root, sites]) => {
        sites.sort((a, b) => compareText(a.file, b.file) || a.start - b.start);
        const [first] = sites;
        return { label: this.#labels.get(root) ?? `${first?.name ?? 'image'}@${first?.file ?? ''}`, sites };
      });
  }

  /** Pin ids by site key. Sites of one group that hold different images do not move together: the id says which. */
  pins(): ReadonlyMap<string, string> {
    const pins = new Map<string, string>();
    for (const { label, sites } of this.groups()) {
      const byImage = Map.groupBy(sites, (site) => imageKey(site));
      const main = sites.find((site) => site.kind === 'arg-default') ?? sites[0];
      for (const [image, same] of byImage) {
        if (same.length < 2) continue;
        const id = main !== undefined && imageKey(main) === image ? label : `${label}#${image}`;
        for (const site of same) pins.set(this.keyOf(site), id);
      }
    }
    return pins;
  }

  #union(a: string, b: string): void {
    const [rootA, rootB] = [this.#root(a), this.#root(b)];
    if (rootA === rootB) return;
    this.#parent.set(rootB, rootA);
    const label = this.#labels.get(rootB);
    if (label === undefined) return;
    this.#label(rootA, label);
    this.#labels.delete(rootB);
  }

  #label(root: string, label: string): void {
    const known = this.#labels.get(root);
    if (known === undefined || compareText(label, known) < 0) this.#labels.set(root, label);
  }

  #root(key: string): string {
    let root = key;
    for (
      let next = this.#parent.get(root);
      next !== undefined && next !== root;
      next = this.#parent.get(root)
    ) {
      root = next;
    }
    // Halving the path keeps later questions short.
    for (let at = key; at !== root; ) {
      const next = this.#parent.get(at) ?? root;
      this.#parent.set(at, root);
      at = next;
    }
    if (!this.#parent.has(root)) this.#parent.set(root, root);
    return root;
  }
}

/** What image a site is about, digest apart: `docker.io/library/python:3.11`. */
export function imageKey(site: Site): string {
  const tag = site.image.tag ?? site.tagHint?.image.tag ?? '';
  return `${canonicalName(site.image)}:${tag}`;
}

/** The name of the group of an ARG of a Dockerfile. */
export function argLabel(name: string, dockerfile: string): string {
  return `arg:${name}@${dockerfile}`;
}

function placeKey(file: string, start: number): string {
  return `${start} ${file}`;
}

function byArg(dockerfiles: Iterable<DockerfileArgs>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { file, args } of dockerfiles) {
    for (const [name, declared] of args) {
      if (!declared.some((arg) => arg.namesImage || arg.siteStart !== null)) continue;
      const files = found.get(name);
      if (files === undefined) found.set(name, [file]);
      else files.push(file);
    }
  }
  for (const files of found.values()) files.sort(compareText);
  return found;
}
