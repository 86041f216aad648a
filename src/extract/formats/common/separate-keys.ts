import { isDigest } from '../../../domain/digest.ts';
import { parseImageReference } from '../../../domain/image-reference.ts';
import type { SiteKind, Skip, Slot } from '../../../domain/site.ts';
import { locate, type MappedText, trimmed } from '../../readers/mapped-text.ts';
import type { TextNode } from '../../readers/node.ts';
import type { SiteCollector } from './collector.ts';
import { slotOf } from './image-text.ts';
import { isTemplated } from './skips.ts';

/** One image in several keys. An absent key is undefined; `digest: ""` is there, and empty. */
export type ImageKeys = {
  readonly registry?: TextNode | undefined;
  readonly repository: TextNode;
  readonly tag?: TextNode | undefined;
  readonly digest?: TextNode | undefined;
};

const NO_PLACE: Skip = {
  reason: 'unsupported-spelling',
  detail: 'there is no key to write a digest to: add a tag or a digest beside the name',
};

/**
 * Takes an image whose registry, repository, tag and digest stand in keys of their own (Helm values, Kustomize, Bazel):
 * one site with several slots. Where there is no digest key, the tag carries the digest (`3.11@sha256:…`).
 * Returns the start of the site, or null where it is none.
 */
export function imageFromKeys(collector: SiteCollector, keys: ImageKeys, kind: SiteKind): number | null {
  const registry = given(keys.registry);
  const repository = given(keys.repository);
  const tag = given(keys.tag);
  const digest = given(keys.digest);
  const values = [registry, repository, tag, digest].filter((text) => text !== null);
  if (repository === null) return null;
  const start = keys.repository.start;
  if (values.some((text) => isTemplated(text.value) || text.value.includes('${'))) {
    const shown = values.map((text) => text.value).join(' ');
    collector.skip(
      shown,
      start,
      'templated',
      'the image is made by a template: pin it where its value is set',
    );
    return null;
  }
  const name =
    registry === null ? repository.value : `${registry.value.replace(/\/$/, '')}/${repository.value}`;
  const tagged = tag === null ? name : `${name}:${tag.value}`;
  const written = digest === null ? tagged : `${tagged}@${bareDigest(digest.value)}`;
  const parsed = parseImageReference(written);
  if (!parsed.ok) {
    collector.skip(written, start, 'invalid-reference', parsed.fault.message);
    return null;
  }
  if (
    tag === null &&
    digest === null &&
    registry === null &&
    (parsed.value.tag ?? parsed.value.digest) !== null
  ) {
    return collector.image(repository, { kind }, start);
  }
  const slots = slotsFor(keys, tag, digest);
  const [first, ...rest] = slots;
  if (first !== undefined) return collector.site(parsed.value, [first, ...rest], { kind });
  const place = locate(repository, 0, repository.value.length);
  if (place === null) {
    collector.skip(written, start, NO_PLACE.reason, NO_PLACE.detail);
    return null;
  }
  return collector.site(parsed.value, [slotOf('reference', place, repository.value)], {
    kind,
    skip: NO_PLACE,
  });
}

function slotsFor(keys: ImageKeys, tag: MappedText | null, digest: MappedText | null): Slot[] {
  const slots: Slot[] = [];
  // A tag that carries the digest already goes on doing so, beside an empty digest key too; `null` is no place to write.
  const isBlank = digest === null && keys.digest?.text.value === '' && tag?.value.includes('@') !== true;
  const ownKey = digest !== null || isBlank ? keys.digest : undefined;
  if (ownKey !== undefined) {
    const { text } = ownKey;
    const blank = digest === null;
    const from = blank ? 0 : text.value.indexOf(bareDigest(digest.value));
    const place = locate(text, from, blank ? 0 : from + bareDigest(digest.value).length);
    // A plain empty value has no quotes to write into, and no place of its own.
    if (place !== null) slots.push(slotOf('digest', place, blank ? '' : bareDigest(digest.value)));
    if (slots.length === 0) return [];
  }
  if (tag === null || keys.tag === undefined) return slots;
  const place = locate(tag, 0, tag.value.length);
  if (place === null) return slots;
  if (ownKey === undefined) slots.push(slotOf('tag-and-digest', place, tag.value));
  // `tag: 3.9` is a number to YAML; moved to 3.10 it would be read as 3.1.
  else if (!(keys.tag.style === 'plain' && isNumber(tag.value))) slots.push(slotOf('tag', place, tag.value));
  return slots;
}

/** `@sha256:…` and `sha256:…` are both met. */
function bareDigest(value: string): string {
  return value.startsWith('@') && isDigest(value.slice(1)) ? value.slice(1) : value;
}

function isNumber(value: string): boolean {
  return value !== '' && Number.isFinite(Number(value));
}

function given(node: TextNode | undefined): MappedText | null {
  if (node === undefined) return null;
  const text = trimmed(node.text);
  return text.value === '' || (node.style === 'plain' && (text.value === 'null' || text.value === '~'))
    ? null
    : text;
}
