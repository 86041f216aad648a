import { type IsoDate, isoDate, type LedgerEntry } from '../domain/ledger-entry.ts';
import type { Stopped } from '../domain/pin-status.ts';
import { formatPlatform } from '../domain/platform.ts';
import { type ImageShape, moveOf } from '../resolve/resolution.ts';
import type { DigestFacts, PinDecision } from './decision.ts';
import { adoptTables } from './ledger/adopt.ts';
import type { LedgerDocument } from './ledger/document.ts';
import { compareRows, type LedgerPin, nextLedger } from './ledger/next.ts';
import { renderLedger } from './ledger/render.ts';
import type { Pin } from './pins.ts';
import type { LedgerChange, Rotation } from './plan.ts';

/** A rotation and the decision it came from. */
export type Decided = { readonly rotation: Rotation; readonly decision: PinDecision };

const STOPPED = {
  current: null,
  rotate: null,
  hold: 'held',
  block: 'blocked',
} as const satisfies Record<Rotation['verdict'], Stopped | null>;

const NOT_LOOKED_AT: DigestFacts = { published: null, firstSeen: null, pinnedOn: null, status: null };

/**
 * The ledger after the rotations. Pins that were not resolved (no answer, or not asked for) keep their rows. Null
 * where there is no ledger and nothing to put in one; a file without rows and markers is left as it is.
 */
export function changeLedger(
  document: LedgerDocument,
  decided: readonly Decided[],
  unresolved: readonly Pin[],
  today: IsoDate,
): LedgerChange | null {
  const pinned = [...decided.map(({ decision }) => decision.pin), ...unresolved].flatMap((pin) =>
    pin.from === null ? [] : [{ image: pin.image, digest: pin.from }],
  );
  const adoption = adoptTables(document, pinned);
  const rows = [...decided.flatMap(decidedPin), ...unresolved.flatMap(unresolvedPin)];
  const entries = nextLedger([...document.entries, ...adoption.entries], rows, today);
  const { path, text: before } = document;
  const nothingToKeep = entries.length === 0 && document.block === null;
  if (nothingToKeep && before === null) return null;
  const keepsText = nothingToKeep || isSameButForStatus(document, entries, decided);
  const after = keepsText && before !== null ? before : renderLedger(document, entries, adoption);
  return { path, before, after, changed: before !== after, notes: adoption.notes, entries };
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

function unresolvedPin(pin: Pin): readonly LedgerPin[] {
  if (pin.from === null) return [];
  const usedIn = pin.sites.map((site) => site.file);
  return [
    {
      image: pin.image,
      digest: pin.from,
      moved: false,
      shape: null,
      ...NOT_LOOKED_AT,
      stopped: 'as-before',
      usedIn,
    },
  ];
}
