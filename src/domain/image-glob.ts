import type { Result } from './errors.ts';
import { compileGlob, type Glob, globMatches, globParts, plainOf, quotePattern, takesOneOf } from './glob.ts';
import { expandBraces } from './glob-braces.ts';
import {
  addressFault,
  charactersFault,
  type ImagePatternFault,
  type PatternRefusal,
  partsFault,
  refuse,
  registryAloneFault,
  tagFault,
  wholeFault,
} from './image-glob-faults.ts';
import {
  canonicalName,
  DOCKER_HUB,
  familiarName,
  isHubAlias,
  parseImageReference,
  type Repository,
} from './image-reference.ts';

/** An image as a pattern sees it; a `tag` of null is only matched by patterns without one. */
export type NamedImage = Repository & { readonly tag: string | null };

type NameGlob =
  | { readonly kind: 'every' }
  /** A name without wildcards, made canonical as in a reference. */
  | { readonly kind: 'exact'; readonly name: string }
  | { readonly kind: 'glob'; readonly glob: Glob };

type ImageAlternative = { readonly name: NameGlob; readonly tag: Glob | null };

/** A checked pattern for images. Plain data; `text` is as written. */
export type ImagePattern = { readonly text: string; readonly alternatives: readonly ImageAlternative[] };

const NAME_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789._-:';
const TAG_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-';
const IPV6_HOST = /^\[[0-9a-f]*:[0-9a-f:.]*\](?=[:/])/;
const DEFAULT_PORT = ':443';

/**
 * Checks a pattern for images: a glob on the canonical name (`docker.io/library/python`) or the familiar one (`python`,
 * `bitnami/redis`), with a glob on the tag behind a colon where one is wanted; `*` and `**` alone are every image. A
 * name without wildcards is read as a reference is. The dialect: docs/configuration.md, "Patterns". A pattern that no
 * image could ever match is a fault that says what to write. Pure; linear; never throws.
 */
export function parseImagePattern(text: string): Result<ImagePattern, ImagePatternFault> {
  const unfit = wholeFault(text) ?? addressFault(text);
  if (unfit !== null) return unfit;
  // The brackets of an IPv6 address are no class.
  const address = IPV6_HOST.exec(text)?.[0] ?? '';
  const expanded = expandBraces(text.slice(address.length));
  if (!expanded.ok) return expanded;
  const alternatives: ImageAlternative[] = [];
  for (const one of expanded.value) {
    const alternative = parseAlternative(address, one, text);
    if (!alternative.ok) return alternative;
    alternatives.push(alternative.value);
  }
  return { ok: true, value: { text, alternatives } };
}

/** The pattern in `text`; throws a RangeError where it is none. For literals and values that were checked before. */
export function toImagePattern(text: string): ImagePattern {
  const parsed = parseImagePattern(text);
  if (!parsed.ok) throw new RangeError(parsed.fault.message);
  return parsed.value;
}

/** Whether the pattern names the image. The default port (`ghcr.io:443`) is left out on both sides. Pure. */
export function matchesImage(pattern: ImagePattern, image: NamedImage): boolean {
  const repository = { ...image, registry: withoutDefaultPort(image.registry) };
  const canonical = canonicalName(repository);
  return pattern.alternatives.some(({ name, tag }) => {
    if (tag !== null && (image.tag === null || !globMatches(tag, image.tag))) return false;
    if (name.kind === 'every') return true;
    if (name.kind === 'exact') return name.name === canonical;
    return globMatches(name.glob, canonical) || globMatches(name.glob, familiarName(repository));
  });
}

/** A host without the port that https has by default. */
export function withoutDefaultPort(host: string): string {
  return host.endsWith(DEFAULT_PORT) ? host.slice(0, -DEFAULT_PORT.length) : host;
}

/** Compiles a glob on names, and refuses a class that no character of a name is in. `text` is what a fault quotes. */
export function compileName(glob: string, text: string): Result<Glob, ImagePatternFault> {
  return compileFor(NAME_CHARACTERS, glob, text);
}

function parseAlternative(
  address: string,
  written: string,
  text: string,
): Result<ImageAlternative, ImagePatternFault> {
  // Told here, so that what follows may rely on a well-formed text.
  const wellFormed = compileGlob(written, text);
  if (!wellFormed.ok) return wellFormed;
  const parts = globParts(written);
  const last = parts.at(-1) ?? '';
  const colon = parts.length === 1 && address !== '' ? -1 : colonIn(last);
  const tag = colon < 0 ? null : last.slice(colon + 1);
  const nameParts = colon < 0 ? parts : [...parts.slice(0, -1), last.slice(0, colon)];
  const name = parseName(address, nameParts, tag, text);
  if (!name.ok) return name;
  if (tag === null) return { ok: true, value: { name: name.value, tag } };
  const unfit = tagFault(plainOf(tag), text);
  if (unfit !== null) return unfit;
  const glob = compileFor(TAG_CHARACTERS, tag, text);
  return glob.ok ? { ok: true, value: { name: name.value, tag: glob.value } } : glob;
}

function parseName(
  address: string,
  parts: readonly string[],
  tag: string | null,
  text: string,
): Result<NameGlob, ImagePatternFault> {
  const name = parts.join('/');
  if (address === '' && (name === '*' || name === '**')) return { ok: true, value: { kind: 'every' } };
  const plain = parts.map(plainOf);
  const unfit =
    charactersFault(plain, text) ??
    partsFault(address !== '', plain, text) ??
    (address === '' && plain.length === 1 ? registryAloneFault(name, tag, text) : null);
  if (unfit !== null) return unfit;
  if (!plain.some((part) => part.includes('*'))) return exactName(`${address}${plain.join('/')}`, text);
  const completed = completeHub(parts);
  if (completed.length === 2 && completed[0] === DOCKER_HUB && !completed[1]?.includes('**')) {
    const part = text.includes('{') ? ` has the alternative ${quotePattern(name)}, which` : '';
    const message = `${quotePattern(text)}${part} matches nothing, since names on Docker Hub have two parts; write "docker.io/library/${parts[1]}${tag === null ? '' : `:${tag}`}" for official images, or "docker.io/**" for all`;
    return refuse('hub-depth', message);
  }
  // An address in brackets is text to the engine.
  const glob = compileName(`${address.replace(/[[\]]/g, '\\$&')}${completed.join('/')}`, text);
  return glob.ok ? { ok: true, value: { kind: 'glob', glob: glob.value } } : glob;
}

function exactName(name: string, text: string): Result<NameGlob, ImagePatternFault> {
  const parsed = parseImageReference(name);
  if (!parsed.ok)
    return refuse('invalid-part', `${quotePattern(text)} cannot match an image: ${parsed.fault.message}`);
  const { registry, repository } = parsed.value;
  const canonical = canonicalName({ registry: withoutDefaultPort(registry), repository });
  return { ok: true, value: { kind: 'exact', name: canonical } };
}

/** Docker Hub's other names and its `library/` as in a reference, and no default port. */
function completeHub(parts: readonly string[]): readonly string[] {
  const [first = '', ...rest] = parts;
  if (first === 'library' && rest.length > 0) return [DOCKER_HUB, ...parts];
  return [isHubAlias(first) ? DOCKER_HUB : withoutDefaultPort(first), ...rest];
}

function compileFor(alphabet: string, glob: string, text: string): Result<Glob, ImagePatternFault> {
  const compiled = compileGlob(glob, text);
  if (!compiled.ok) return compiled;
  const isPossible = compiled.value.steps.every((s) => s.kind !== 'class' || takesOneOf(s, alphabet));
  return isPossible ? compiled : impossibleClass(alphabet === TAG_CHARACTERS ? 'tag' : 'name', text);
}

function impossibleClass(what: string, text: string): PatternRefusal {
  const message = `${quotePattern(text)} has a "[…]" without any character that a ${what} can have; names are lower case`;
  return refuse('impossible-class', message);
}

/** Where the tag's colon stands in the last part of a name; -1 where it has none. One inside of `[…]` is no tag's. */
function colonIn(part: string): number {
  return part.replace(/\[[!^]?\]?[^\]]*\]/g, (group) => '*'.repeat(group.length)).indexOf(':');
}
