/** What a column of a ledger holds. `age` is derived from the dates and never written. */
export type Column =
  | 'image'
  | 'tag'
  | 'digest'
  | 'platforms'
  | 'published'
  | 'firstSeen'
  | 'pinnedOn'
  | 'status'
  | 'usedIn'
  | 'age';

/** The table's head as it is written, in order. Read is any order. */
export const HEAD: readonly (readonly [Exclude<Column, 'age'>, string])[] = [
  ['image', 'Image'],
  ['tag', 'Tag'],
  ['digest', 'Digest'],
  ['platforms', 'Kind and platforms'],
  ['published', 'Published'],
  ['firstSeen', 'First seen'],
  ['pinnedOn', 'Pinned on'],
  ['status', 'Status'],
  ['usedIn', 'Used in'],
];

/** What people call these columns. */
const NAMES: readonly (readonly [Column, readonly string[]])[] = [
  [
    'image',
    ['image', 'images', 'base image', 'image name', 'name', 'reference', 'image reference', 'repository'],
  ],
  ['tag', ['tag', 'tags', 'image tag', 'version', 'tracked tag']],
  [
    'digest',
    [
      'digest',
      'sha',
      'sha256',
      'hash',
      'image digest',
      'pinned digest',
      'current digest',
      'index digest',
      'pin',
    ],
  ],
  [
    'platforms',
    [
      'kind and platforms',
      'kind platforms',
      'platforms',
      'platform',
      'kind',
      'arch',
      'architecture',
      'architectures',
    ],
  ],
  ['published', ['published', 'published on', 'created', 'built', 'build date', 'released', 'release date']],
  ['firstSeen', ['first seen', 'first seen on', 'seen']],
  [
    'pinnedOn',
    [
      'pinned on',
      'pinned',
      'pinned at',
      'pinned since',
      'pin date',
      'date pinned',
      'rotated',
      'last rotated',
      'date',
    ],
  ],
  ['pinnedOn', ['updated', 'last updated', 'updated on', 'since']],
  ['status', ['status', 'state']],
  [
    'usedIn',
    ['used in', 'used by', 'files', 'file', 'where', 'location', 'locations', 'dockerfile', 'dockerfiles'],
  ],
  ['age', ['age', 'age days', 'age in days', 'days']],
];

const COLUMNS: ReadonlyMap<string, Column> = new Map(
  NAMES.flatMap(([column, names]) => names.map((name) => [name, column] as const)),
);

/**
 * The columns a table's head names, in its order; null for a column of another name, and for one that comes twice.
 * Case, emphasis and punctuation do not count, nor what stands in parentheses: `Digest (short)`.
 */
export function readHead(cells: readonly string[]): readonly (Column | null)[] {
  const taken = new Set<Column>();
  return cells.map((cell) => {
    const column = COLUMNS.get(nameOf(cell)) ?? COLUMNS.get(nameOf(cell.replace(/\([^()]*\)/g, ''))) ?? null;
    if (column === null || taken.has(column)) return null;
    taken.add(column);
    return column;
  });
}

function nameOf(cell: string): string {
  return cell
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}
