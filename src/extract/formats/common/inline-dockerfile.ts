import type { Site, Slot, TagHint } from '../../../domain/site.ts';
import { extractEmbedded } from '../../dockerfile/extract.ts';
import { locate, type MappedText, part } from '../../readers/mapped-text.ts';
import type { TextNode } from '../../readers/node.ts';
import type { SiteCollector } from './collector.ts';

/** Takes the images of a Dockerfile that stands inside another file, each at its own place there. */
export function addInlineDockerfile(collector: SiteCollector, dockerfile: TextNode): void {
  const { text } = dockerfile;
  const found = extractEmbedded({ path: collector.path, text: text.value }, collector.budget);
  if (found === null) return;
  const starts = new Map<number, number>();
  for (const site of found.sites) {
    const [first, ...rest] = site.slots
      .map((slot) => movedSlot(text, slot) ?? digestSlot(text, slot, site))
      .filter((slot) => slot !== null);
    if (first === undefined || rest.length + 1 < site.slots.length) {
      const detail = 'the embedded Dockerfile uses escapes or folded lines here: write it as a literal block';
      collector.skip(site.text, dockerfile.start, 'unsupported-spelling', detail);
      continue;
    }
    starts.set(site.start, first.start);
    collector.adopt({ ...site, tagHint: movedHint(text, site.tagHint) }, [first, ...rest]);
  }
  for (const { text: shown, line, reason, detail } of found.skipped) {
    const at = lineStart(text.value, line);
    collector.skip(shown, locate(text, at, at)?.start ?? dockerfile.start, reason, detail);
  }
  for (const { start, end, kind, name } of found.digests ?? []) {
    collector.digest(part(text, start, end), kind, name);
  }
  const declared = found.args.map((arg) => {
    const siteStart = arg.siteStart === null ? null : (starts.get(arg.siteStart) ?? null);
    return { ...arg, siteStart };
  });
  collector.declare(declared);
}

function movedSlot(text: MappedText, slot: Slot): Slot | null {
  const span = locate(text, slot.start, slot.end);
  return span === null ? null : { ...slot, ...span };
}

/** Of a reference that the file around it puts together, the digest, where it stands in one piece. */
function digestSlot(text: MappedText, slot: Slot, { image }: Site): Slot | null {
  if (slot.holds !== 'reference' || image.digest === null) return null;
  const span = locate(text, slot.end - image.digest.length, slot.end);
  return span === null ? null : { holds: 'digest', text: image.digest, ...span };
}

function movedHint(text: MappedText, hint: TagHint | null): Site['tagHint'] {
  if (hint === null) return null;
  const slots = hint.slots.map((slot) => movedSlot(text, slot)).filter((slot) => slot !== null);
  return slots.length === hint.slots.length ? { ...hint, slots } : null;
}

/** The offset of a line, counted from 1. */
function lineStart(value: string, line: number): number {
  let at = 0;
  for (let n = 1; n < line; n++) {
    const lineFeed = value.indexOf('\n', at);
    if (lineFeed < 0) return at;
    at = lineFeed + 1;
  }
  return at;
}
