import { type IsoDate, isoDate, type LedgerEntry } from '../domain/ledger-entry.ts';
import type { Stopped } from '../domain/pin-status.ts';
import { formatPlatform } from '../domain/platform.ts';
import { type ImageShape, moveOf } from '../resolve/resolution.ts';
import { NOT_LOOKED_AT, type PinDecision, type UndecidedPin } from './decision.ts';
import { adoptTables } from './ledger/adopt.ts';
import type { LedgerDocument } from './ledger/document.ts';
import { compareRows, type LedgerPin, nextLedger, rowFinder } from './ledger/next.ts';
import { renderLedger } from './ledger/render.ts';
import type { LedgerChange, Rotation } from './plan.ts';

/** A rotation and the decision it came from. */
export type Decided = { readonly rotation: Rotation; readonly decision: PinDecision };

const STOPPED = {
  current: null,
  rotate: null,
  hold: 'held',
  block: 'blocked',
} as const satisfies Record<Rotation['verdict'], Stopped | null>;

/**
 * The ledger after the rotations. Pins that are not decided on keep their rows. Null where there is no ledger and nothing to put in one; a file without rows and markers is left as it is.
 */
export function changeLedger(
  document: LedgerDocument,
  decided: readonly Decided[],
  undecided: readonly UndecidedPin[],
  today: IsoDate,
): LedgerChange | null {
  const pinned = [...decided.map(({ decision }) => decision), ...undecided].flatMap(({ pin }) =>
    pin.from === null ? [] : [{ image: pin.image, digest: pin.from }],
  );
  const adoption = adoptTables(document, pinned);
  const before = [...document.entries, ...adoption.entries];
  const hasRow = rowFinder(before);
  const rows = [...decided.flatMap(decidedPin), ...undecided.flatMap((one) => undecidedPin(one, hasRow))];
  const entries = nextLedger(before, rows, today);
  const { path, text } = document;
  const nothingToKeep = entries.length === 0 && document.block === null;
  if (nothingToKeep && text === null) return null;
  const keepsText = nothingToKeep || isSameButForStatus(document, entries, decided);
  const after = keepsText && text !== null ? text : renderLedger(document, entries, adoption);
  return { path, before: text, after, changed: text !== after, notes: adoption.notes, entries };
}

/**
 * Whether only the words of the status column differ, with nothing moving: they follow the calendar, and a repository
 * in which nothing moves is not to be touched for that. The next rotation brings them up to date.
 */
function isSameButForStatus(
  { block, entries: before }: LedgerDocument,
  after: readonly LedgerEntry[],
  decided: readonly Decided[],
): boolean {
  if (block === null || decided.some(({ rotation }) => rotation.verdict === 'rotate')) return false;
  const plain = (entries: readonly LedgerEntry[]) =>
    JSON.stringify(entries.map(({ status, stopped, ...entry }) => entry).sort(compareRows));
  return plain(before) === plain(after);
}

function decidedPin({ rotation, decision }: Decided): readonly LedgerPin[] {
  const rotates = rotation.verdict === 'rotate';
  const digest = rotates ? rotation.to : rotation.from;
  if (digest === null) return [];
  const facts = (rotates ? decision.after : decision.before) ?? NOT_LOOKED_AT;
  return [
    {
      image: rotates ? { ...rotation.image, tag: rotation.toTag } : rotation.image,
      digest,
      moved: digest !== rotation.from,
      shape: ledgerShape(shapeOf(rotation, digest)),
      published: facts.published ?? publishedOn(rotation, digest),
      firstSeen: facts.firstSeen,
      pinnedOn: facts.pinnedOn,
      status: facts.status,
      stopped: STOPPED[rotation.verdict],
      usedIn: rotation.sites.map((site) => site.file),
    },
  ];
}

/** What is known of the digest that stands in the files after the pass. */
function shapeOf({ resolution, from }: Rotation, digest: string): ImageShape | null {
  switch (resolution.status) {
    case 'current':
      return digest === from ? resolution.shape : null;
    case 'moved':
    case 'lost-platforms':
      if (digest === resolution.to) return resolution.shape;
      return digest === from ? resolution.oldShape : null;
    case 'unfollowable':
    case 'failed':
      return null;
  }
}

/** What the publisher says of the digest, where this pass moves to it. */
function publishedOn({ resolution }: Rotation, digest: string): IsoDate | null {
  const move = moveOf(resolution);
  return move?.created && digest === move.to ? isoDate(move.created) : null;
}

function ledgerShape(shape: ImageShape | null): LedgerPin['shape'] {
  return shape === null ? null : { kind: shape.kind, platforms: shape.platforms.map(formatPlatform) };
}

function undecidedPin(
  { pin, before, verdict }: UndecidedPin,
  hasRow: (row: Pick<LedgerPin, 'image' | 'digest'>) => boolean,
): readonly LedgerPin[] {
  const { image, from: digest } = pin;
  if (digest === null) return [];
  const isKept = hasRow({ image, digest });
  // A row that is made up of nothing would say "unknown" where another pass knows better.
  if (!isKept && before === undefined) return [];
  return [
    {
      image,
      digest,
      moved: false,
      shape: null,
      ...((isKept ? undefined : before) ?? NOT_LOOKED_AT),
      stopped: isKept || verdict === undefined ? 'as-before' : STOPPED[verdict],
      usedIn: pin.sites.map((site) => site.file),
    },
  ];
}
