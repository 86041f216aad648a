import type { Digest } from './digest.ts';
import type { TaggedImage } from './image-reference.ts';
import type { PinStatus, Stopped } from './pin-status.ts';

declare const dateBrand: unique symbol;

/** A calendar day in UTC, `YYYY-MM-DD`, checked. Days, not times: the ledger must not change within a day. */
export type IsoDate = string & { readonly [dateBrand]: 'IsoDate' };

/** Whether `text` is a real calendar day `YYYY-MM-DD` (leap days checked). */
export function isIsoDate(text: string): text is IsoDate {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The UTC day of an instant. */
export function isoDate(instant: Date): IsoDate {
  return instant.toISOString().slice(0, 10) as IsoDate;
}

/** One row of `BASE_IMAGE_DIGESTS.md`: one image pin. Unique by image and digest. */
export type LedgerEntry = {
  readonly image: TaggedImage;
  readonly digest: Digest;
  readonly kind: 'index' | 'manifest' | null;
  /** Normalised `os/architecture[/variant]` texts, sorted; empty where not known. */
  readonly platforms: readonly string[];
  /** When the registry or the image says it was published, where that is believable. */
  readonly published: IsoDate | null;
  /** The day Pinwheel first saw this digest behind the tag. */
  readonly firstSeen: IsoDate | null;
  /** The day this digest came into the repository. */
  readonly pinnedOn: IsoDate | null;
  /** How the digest stood by its age on the day the ledger was written. */
  readonly status: PinStatus;
  /** Whether a newer digest was held or blocked on that day; null where none was. */
  readonly stopped: Stopped | null;
  /** Files that pin it, relative paths, sorted, unique. */
  readonly usedIn: readonly string[];
};
