import { TERRAFORM } from '../../interpolation/dialects.ts';
import { follow, soleReading, type ValuesScope, valuesOf } from '../../interpolation/interpolate.ts';
import { readHcl } from '../../readers/hcl.ts';
import { type MappedText, part, trimmed } from '../../readers/mapped-text.ts';
import type { ConfigNode, MapNode, ReadDocuments } from '../../readers/node.ts';
import type { WorkBudget } from '../../work-budget.ts';
import { namedValue } from './build-values.ts';
import type { SiteCollector } from './collector.ts';
import { eachMap } from './documents.ts';
import type { ImageUse } from './image-text.ts';

/** What a resource, a module or a loop gives is no pin of this file. */
const ELSEWHERE = /^\$\{(?!var\.|local\.)[a-z]\w*\.[\w.[\]*-]+\}$/;
/** How much of a text is shown that could not be followed. */
const SHOWN_LIMIT = 4096;

/** Reads HCL that may hold templates (`[[ … ]]` of nomad-pack, `{{ … }}`): in those a mistake is no news. */
export function readTemplatedHcl(text: string, budget?: WorkBudget): ReadDocuments {
  const read = readHcl(text, budget);
  const isTemplate =
    text.includes('[[ ') || text.includes('[[- ') || text.includes('{{') || text.includes('<%');
  return isTemplate ? { ...read, faults: read.faults.filter((fault) => fault.code !== 'syntax') } : read;
}

/** Reads the images of one HCL file of Terraform's kind, following `var.NAME` and `local.NAME` to their defaults. */
export class HclImages {
  readonly #collector: SiteCollector;
  readonly #variables = new Map<string, MappedText>();
  readonly #values: ValuesScope = valuesOf((name) => this.#variables.get(name));

  constructor(collector: SiteCollector, root: MapNode) {
    this.#collector = collector;
    for (const { key, value } of root.map('variable')?.entries ?? []) {
      const fallback = value.kind === 'map' ? value.text('default') : undefined;
      if (fallback !== undefined) this.#variables.set(`var.${key.text.value}`, fallback.text);
    }
    for (const { key, value } of root.entries) {
      if (key.text.value !== 'locals' || value.kind !== 'map') continue;
      for (const local of value.entries) {
        if (local.value.kind === 'text')
          this.#variables.set(`local.${local.key.text.value}`, local.value.text);
      }
    }
  }

  /** Takes the value of an attribute that names an image. */
  image(node: ConfigNode, use: ImageUse): void {
    if (node.kind === 'list') {
      const detail = 'the reference is built by a function: write it in one piece to pin it';
      this.#collector.skip('(…)', node.start, 'unresolvable-variable', detail);
      return;
    }
    if (node.kind !== 'text') return;
    const { budget } = this.#collector;
    const [found] = follow(withoutTransport(trimmed(node.text)), TERRAFORM, this.#values, budget);
    if (found === undefined) return;
    const { text, holder } = found;
    const { value } = text;
    if (!value.includes('${')) {
      const name = holder?.slice(holder.indexOf('.') + 1);
      this.#collector.image(text, name === undefined ? use : { ...use, name }, node.start);
    } else if (!ELSEWHERE.test(value)) this.#composed(text, use, node.start);
  }

  /** Takes every text with a digest, wherever it stands, as a value that may be an image under its key's name. */
  digests(root: MapNode): void {
    eachMap(root, (map) => {
      for (const { key, value } of map.entries) {
        if (value.kind === 'text' && value.style !== 'block' && value.text.value.includes('sha256:'))
          namedValue(this.#collector, key.text.value, value.text, 'variable');
      }
      return 'into';
    });
  }

  #composed(text: MappedText, use: ImageUse, at: number): void {
    const filled = soleReading(text, TERRAFORM, this.#values, this.#collector.budget);
    const { value } = filled;
    if (value.includes('@sha256:') && !value.includes('${')) {
      this.#collector.image(filled, use, at);
      return;
    }
    const known = !value.includes('${');
    const detail = known
      ? 'the reference is assembled from variables: a digest beside a changing tag would silently override it'
      : 'its variables have no value here: give them a default, or pin it where they are set';
    const shown = text.value.slice(0, SHOWN_LIMIT);
    this.#collector.skip(shown, at, known ? 'composed-reference' : 'unresolvable-variable', detail);
  }
}

/** `docker://` in front of a name says how to fetch it, as Podman and Nomad write it. */
export function withoutTransport(text: MappedText): MappedText {
  const prefix = /^(?:docker:\/\/|docker-daemon:)/.exec(text.value)?.[0];
  return prefix === undefined ? text : part(text, prefix.length, text.value.length);
}
