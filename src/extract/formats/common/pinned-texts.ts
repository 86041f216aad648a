import { parseImageReference } from '../../../domain/image-reference.ts';
import { part, trimmed } from '../../readers/mapped-text.ts';
import type { ConfigNode, TextNode } from '../../readers/node.ts';
import { namedValue } from './build-values.ts';
import type { SiteCollector } from './collector.ts';
import { saysImage } from './names.ts';

const UNKNOWN_KEY =
  'pinned under a key that is not known to hold an image: add its path under `managers` to have it followed';
const LENGTH_LIMIT = 1024;

/**
 * Looks for pinned references that nothing has spoken for: one under a key that says "image" is a variable, any other is
 * skipped, so that no pin grows old unseen. Called last for a document. What stands under a key of `passed` is passed by.
 */
export function addPinnedTexts(
  collector: SiteCollector,
  root: ConfigNode,
  passed: ReadonlySet<string> = new Set(),
): void {
  const pinned: { readonly key: string; readonly node: TextNode }[] = [];
  const seen = new Set<ConfigNode>();
  const waiting: { readonly key: string; readonly node: ConfigNode }[] = [{ key: '', node: root }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { key, node } = next;
    if (node.kind === 'empty' || seen.has(node)) continue;
    seen.add(node);
    if (node.kind === 'text') {
      const { value } = node.text;
      if (value.length <= LENGTH_LIMIT && value.includes('@sha256:')) pinned.push({ key, node });
    } else if (node.kind === 'list') {
      for (const item of node.items) waiting.push({ key, node: item });
    } else {
      for (const entry of node.entries) {
        const own = entry.key.text.value;
        // `images: {web: …}`.
        if (!passed.has(own)) waiting.push({ key: /images$/i.test(key) ? key : own, node: entry.value });
      }
    }
  }
  if (pinned.length === 0) return;
  const taken = collector.taken();
  pinned.sort((a, b) => a.node.start - b.node.start);
  let at = 0;
  for (const { key, node } of pinned) {
    while ((taken[at] ?? Number.POSITIVE_INFINITY) < node.start) at++;
    if ((taken[at] ?? Number.POSITIVE_INFINITY) <= node.end) continue;
    const whole = trimmed(node.text);
    // `--reloader-image=…` of a command, `RUNNER_IMAGE=…` of an environment.
    const flag = /^-{0,2}([A-Za-z_][\w.-]{0,100})=/.exec(whole.value);
    const text = flag === null ? whole : part(whole, flag[0].length, whole.value.length);
    const parsed = parseImageReference(text.value);
    if (!parsed.ok || parsed.value.digest === null) continue;
    const name = flag?.[1] ?? key;
    if (holdsImages(name)) namedValue(collector, name, text, 'variable');
    else collector.skip(text.value, node.start, 'unsupported-spelling', UNKNOWN_KEY);
  }
}

function holdsImages(key: string): boolean {
  return /images?$/i.test(key) || saysImage(key);
}
