import { type ImageReference, parseImageReference } from '../../../domain/image-reference.ts';
import { argSaysImage } from '../../dockerfile/names.ts';

/** Whether the name of a variable or input says that it holds an image, by the rule for ARGs: `PYTHON_IMAGE`, `base-image`. */
export function saysImage(name: string): boolean {
  return argSaysImage(name.replaceAll('-', '_'));
}

/** What behind a host is rather a port than a tag: `redis:6379`, `proxy:80`; `node:22` and `postgres:16` are images. */
const PORT = /^(?:80|\d{3,5})$/;

/**
 * Whether a reference is more than a word that happens to parse: it has a digest, or a repository path, or a tag that
 * is no port. For values whose name does not say that they hold an image.
 */
function looksLikeImage(image: ImageReference): boolean {
  if (image.digest !== null) return true;
  if (image.name.includes('/')) return image.tag !== null;
  return image.tag !== null && !PORT.test(image.tag) && /[a-z]/.test(image.name);
}

/**
 * {@link looksLikeImage}, or any tag where the name says that it is an image: `DB_IMAGE=postgres:16` is no host and port,
 * `URL_BASE=localhost:8080` is.
 */
export function readsAsImage(name: string, image: ImageReference): boolean {
  if (looksLikeImage(image)) return true;
  return image.tag !== null && /(?:^|[_-])IMAGE(?:$|[_-])/i.test(name) && saysImage(name);
}

/** {@link looksLikeImage} of a text: it has a tag or a digest, and is no URL and no picture. */
export function looksTagged(text: string): boolean {
  if (isPicture(text)) return false;
  if (text.includes('$') || text.includes('{')) return text.includes('@sha256:');
  const parsed = parseImageReference(text.trim());
  return parsed.ok && (parsed.value.digest !== null || looksLikeImage(parsed.value));
}

/** Whether a text names a picture or a disk, as `image:` does on web pages and in clouds. */
export function isPicture(text: string): boolean {
  return (
    /\.(?:png|jpe?g|gif|svg|webp|ico|bmp|avif|iso|qcow2|img|raw|vmdk|vhdx?|ova|zip|gz|xz)$/i.test(text) ||
    text.includes('://')
  );
}
