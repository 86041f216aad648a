import { tagKey } from '../../domain/image-reference.ts';
import { isRecord } from '../../domain/record.ts';
import type { Rotation } from '../plan.ts';

/** One move as the marker keeps it: `docker.io/library/python:3.11`, and the first 16 hex digits of each digest. */
export type MarkedPin = { readonly image: string; readonly from: string | null; readonly to: string };

/** What a pull request says about itself, hidden in its body: who it is, and what it was made of. */
export type Marker = {
  readonly group: string;
  readonly pins: readonly MarkedPin[];
  /** The day it was built, which its dates speak of. */
  readonly day: string;
  /** The commit of the base branch it was built on. */
  readonly base: string;
  /** The commit we wrote: a head that differs was pushed by someone else. */
  readonly head: string;
  /** The fingerprint of its files. */
  readonly content: string;
  /** The fingerprint of its body without anything that changes by the day. */
  readonly material: string;
  /** New digests (as in `pins`) that a person asked for by name: they stay proposed though time stands against them. */
  readonly named: readonly string[];
  /** Set when Pinwheel itself closed it; a closed pull request without it was closed by a person. */
  readonly closed: boolean;
};

const OPEN = '<!-- pinwheel:';
const CLOSE = ' -->';
const LIMIT = 24_000;
const SHORT = 16;

/** The marker as an HTML comment: JSON without `--`, `<` and `>`, which a comment may not hold. */
export function formatMarker(marker: Marker): string {
  const pins = marker.pins.map((pin) => [pin.image, pin.from, pin.to]);
  const write = (value: object): string => {
    const json = JSON.stringify(value)
      .replaceAll('--', '\\u002d\\u002d')
      .replaceAll('<', '\\u003c')
      .replaceAll('>', '\\u003e');
    return `${OPEN}${json}${CLOSE}`;
  };
  const { group, day, base, head, content, material, named, closed } = marker;
  const rest = {
    v: 1,
    group,
    day,
    base,
    head,
    content,
    material,
    ...(named.length > 0 ? { named } : {}),
    ...(closed ? { closed } : {}),
  };
  const whole = write({ ...rest, pins });
  // Names are for people; the new digests are what decides. Hundreds of pins keep those alone.
  return whole.length <= LIMIT ? whole : write({ ...rest, pins: pins.map(([, , to]) => ['', null, to]) });
}

/** The marker in a body, or null where there is none that can be read: people may edit bodies. */
export function readMarker(body: string): Marker | null {
  const start = body.lastIndexOf(OPEN);
  if (start < 0) return null;
  const end = body.indexOf(CLOSE, start);
  if (end < 0) return null;
  let value: unknown;
  try {
    value = JSON.parse(body.slice(start + OPEN.length, end));
  } catch {
    return null;
  }
  return isRecord(value) ? fromRecord(value) : null;
}

/** The body with another marker in place of the one it has. */
export function replaceMarker(body: string, marker: Marker): string {
  const start = body.lastIndexOf(OPEN);
  const end = start < 0 ? -1 : body.indexOf(CLOSE, start);
  if (end < 0) return `${body}\n\n${formatMarker(marker)}`;
  return body.slice(0, start) + formatMarker(marker) + body.slice(end + CLOSE.length);
}

/** The marked form of rotations, in their order. */
export function markPins(rotations: readonly Rotation[]): readonly MarkedPin[] {
  return rotations.map((rotation) => ({
    image: tagKey({ ...rotation.image, tag: rotation.toTag }),
    from: rotation.from === null ? null : markDigest(rotation.from),
    to: markDigest(rotation.to),
  }));
}

/** The part of a digest that markers keep. */
export function markDigest(digest: string): string {
  const colon = digest.indexOf(':');
  return digest.slice(colon + 1, colon + 1 + SHORT);
}

function fromRecord(value: Record<string, unknown>): Marker | null {
  const { v, group, day, base, head, content, material, named, closed, pins } = value;
  if (v !== 1 || typeof group !== 'string' || !Array.isArray(pins)) return null;
  const marked: MarkedPin[] = [];
  for (const pin of pins) {
    if (!Array.isArray(pin)) return null;
    const [image, from, to]: readonly unknown[] = pin;
    if (typeof image !== 'string' || typeof to !== 'string') return null;
    marked.push({ image, from: typeof from === 'string' ? from : null, to });
  }
  return {
    group,
    pins: marked,
    day: textOf(day),
    base: textOf(base),
    head: textOf(head),
    content: textOf(content),
    material: textOf(material),
    named: Array.isArray(named) ? named.filter((to) => typeof to === 'string') : [],
    closed: closed === true,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
