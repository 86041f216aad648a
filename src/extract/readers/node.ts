import type { ExtractionError } from '../../domain/site.ts';
import type { WorkBudget } from '../work-budget.ts';
import type { MappedText } from './mapped-text.ts';

/** A scalar: its value with the place of every character. `start` and `end` cover quotes too. */
export type TextNode = {
  readonly kind: 'text';
  readonly text: MappedText;
  readonly style: 'plain' | 'quoted' | 'block';
  readonly start: number;
  readonly end: number;
};

/** A list. It hands out its items on the file's {@link WorkBudget}: often enough for nothing, then for a price. */
export class ListNode {
  readonly kind = 'list';
  readonly start: number;
  readonly #items: readonly ConfigNode[];
  readonly #budget: WorkBudget;
  #reads = 0;

  constructor(start: number, items: readonly ConfigNode[], budget: WorkBudget) {
    this.start = start;
    this.#items = items;
    this.#budget = budget;
  }

  /** The items; none once the file's budget is overdrawn. */
  get items(): readonly ConfigNode[] {
    return this.#budget.spendOnRead(++this.#reads, this.#items.length) ? this.#items : [];
  }
}

/** No value: `key:` with nothing behind it, an alias to nothing. */
export type EmptyNode = { readonly kind: 'empty'; readonly start: number };

/** What YAML, JSON and TOML documents have in common. Aliases share the anchor's node: a graph, so mind repeats. */
export type ConfigNode = TextNode | ListNode | EmptyNode | MapNode;

export type MapEntry = { readonly key: TextNode; readonly value: ConfigNode };

/** What a reader made of a file: its documents, and what kept it from reading more. */
export type ReadDocuments = {
  readonly documents: readonly ConfigNode[];
  readonly faults: readonly ReadFault[];
};

/** Something that could not be read; `offset` is UTF-16 in the file. */
export type ReadFault = {
  readonly code: ExtractionError['code'];
  readonly offset: number;
  readonly message: string;
};

/** How deep collections may nest; deeper ones are a `too-deep` fault. Real files stay under 30. */
export const DEPTH_LIMIT = 128;
/** How many mappings one may merge in all. */
const MERGE_LIMIT = 64;
const INDEX_FROM = 12;

/**
 * A mapping. Entries keep their order and repeats; {@link MapNode.get} answers as the formats' own tools do. To ask for one
 * key is free; all entries are handed out on the file's {@link WorkBudget}, as the items of a {@link ListNode} are.
 */
export class MapNode {
  readonly kind = 'map';
  readonly start: number;
  readonly #entries: readonly MapEntry[];
  readonly #budget: WorkBudget;
  readonly #merges: boolean;
  #reads = 0;
  #index: Map<string, ConfigNode> | null = null;
  #bases: readonly MapNode[] | null = null;

  /** `merges` tells whether a `<<` key merges other mappings, as YAML 1.1 tools do. */
  constructor(start: number, entries: readonly MapEntry[], budget: WorkBudget, merges = false) {
    this.start = start;
    this.#entries = entries;
    this.#budget = budget;
    this.#merges = merges && entries.some((entry) => isMerge(entry));
  }

  /** The entries as written, `<<` among them; none once the file's budget is overdrawn. */
  get entries(): readonly MapEntry[] {
    return this.#budget.spendOnRead(++this.#reads, this.#entries.length) ? this.#entries : [];
  }

  /** The value of `name`: the map's own, else a merged one (`<<: *base`); undefined where there is none. */
  get(name: string): ConfigNode | undefined {
    const own = this.#own(name);
    if (own !== undefined || !this.#merges) return own;
    for (const base of this.#allBases()) {
      const inherited = base.#own(name);
      if (inherited !== undefined) return inherited;
    }
    return undefined;
  }

  /** The map under `name`, or undefined. */
  map(name: string): MapNode | undefined {
    const value = this.get(name);
    return value?.kind === 'map' ? value : undefined;
  }

  /** The items of the list under `name`; empty where it is no list. */
  list(name: string): readonly ConfigNode[] {
    const value = this.get(name);
    return value?.kind === 'list' ? value.items : [];
  }

  /** The scalar under `name`, or undefined. */
  text(name: string): TextNode | undefined {
    const value = this.get(name);
    return value?.kind === 'text' ? value : undefined;
  }

  /** The scalar value under `name` as a string, or undefined. */
  value(name: string): string | undefined {
    return this.text(name)?.text.value;
  }

  /** Own entries and those of merged mappings, without `<<` itself; a merged key that is overridden is left out. */
  *merged(): Generator<MapEntry> {
    if (!this.#merges) {
      yield* this.entries;
      return;
    }
    const seen = new Set<string>();
    for (const map of [this, ...this.#allBases()]) {
      const own = map.entries.filter((entry) => !isMerge(entry) && !seen.has(entry.key.text.value));
      for (const entry of own) seen.add(entry.key.text.value);
      yield* own;
    }
  }

  #own(name: string): ConfigNode | undefined {
    if (this.#entries.length < INDEX_FROM) {
      return this.#entries.findLast((entry) => entry.key.text.value === name)?.value;
    }
    this.#index ??= new Map(this.#entries.map((entry) => [entry.key.text.value, entry.value]));
    return this.#index.get(name);
  }

  /** Every mapping merged here, directly or through others, the nearest first, each once: aliases may repeat without end. */
  #allBases(): readonly MapNode[] {
    if (this.#bases !== null) return this.#bases;
    const bases = new Set<MapNode>();
    const waiting = this.#mergedHere().reverse();
    for (let base = waiting.pop(); base !== undefined && bases.size < MERGE_LIMIT; base = waiting.pop()) {
      if (bases.has(base) || base === this) continue;
      bases.add(base);
      waiting.push(...base.#mergedHere().reverse());
    }
    this.#bases = [...bases];
    return this.#bases;
  }

  #mergedHere(): MapNode[] {
    if (!this.#merges) return [];
    return this.#entries.flatMap((entry) => {
      if (!isMerge(entry)) return [];
      const values = entry.value.kind === 'list' ? entry.value.items.slice(0, MERGE_LIMIT) : [entry.value];
      return values.filter((value) => value.kind === 'map');
    });
  }
}

function isMerge(entry: MapEntry): boolean {
  return entry.key.style === 'plain' && entry.key.text.value === '<<';
}
