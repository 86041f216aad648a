import type { TextNode } from '../../readers/node.ts';
import type { SiteCollector } from './collector.ts';

/** Takes the images of a Dockerfile that stands inside another file, each at its own place there. */
export function addInlineDockerfile(_collector: SiteCollector, _dockerfile: TextNode): void {}
