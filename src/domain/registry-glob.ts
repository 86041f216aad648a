import type { Result } from './errors.ts';
import { compileGlob, type Glob, globMatches, globParts, plainOf, quotePattern } from './glob.ts';
import { expandBraces } from './glob-braces.ts';
import { compileName, withoutDefaultPort } from './image-glob.ts';
import {
  addressFault,
  charactersFault,
  hostFault,
  type ImagePatternFault,
  looksLikeHost,
  refuse,
  wholeFault,
} from './image-glob-faults.ts';
import { DOCKER_HUB, isHubAlias, parseImageReference } from './image-reference.ts';

/** A checked pattern for registries. Plain data; `text` is as written. */
export type RegistryPattern = { readonly text: string; readonly alternatives: readonly Glob[] };

/**
 * Checks a pattern for registries: a glob on the host, with its port (`ghcr.io`, `*.azurecr.io`, `localhost:5000`). Docker
 * Hub's other names are made canonical. A pattern that no registry could match is a fault that says what to write. Pure;
 * linear; never throws.
 */
export function parseRegistryPattern(text: string): Result<RegistryPattern, ImagePatternFault> {
  const unfit = wholeFault(text) ?? addressFault(text, false);
  if (unfit !== null) return unfit;
  const address = text.startsWith('[') ? parseImageReference(`${text}/x`) : null;
  if (address?.ok === true && address.value.registry === text) {
    const literal = withoutDefaultPort(text);
    return { ok: true, value: { text, alternatives: [{ steps: [], literal, shortest: literal.length }] } };
  }
  const expanded = expandBraces(text);
  if (!expanded.ok) return expanded;
  const alternatives: Glob[] = [];
  for (const one of expanded.value) {
    const glob = parseHost(one, text);
    if (!glob.ok) return glob;
    alternatives.push(glob.value);
  }
  return { ok: true, value: { text, alternatives } };
}

/** The pattern in `text`; throws a RangeError where it is none. For literals and values that were checked before. */
export function toRegistryPattern(text: string): RegistryPattern {
  const parsed = parseRegistryPattern(text);
  if (!parsed.ok) throw new RangeError(parsed.fault.message);
  return parsed.value;
}

/** Whether the pattern names the canonical host of a registry. Pure. */
export function matchesRegistry(pattern: RegistryPattern, host: string): boolean {
  return pattern.alternatives.some((glob) => globMatches(glob, withoutDefaultPort(host)));
}

function parseHost(written: string, text: string): Result<Glob, ImagePatternFault> {
  const shown = quotePattern(text);
  const wellFormed = compileGlob(written, text);
  if (!wellFormed.ok) return wellFormed;
  const [host = '', ...path] = globParts(written);
  if (path.length > 0) {
    const message = `${shown} has a path; a registry is named by its host alone, write ${quotePattern(host)}`;
    return refuse('invalid-registry', message);
  }
  const plain = plainOf(host);
  const unfit = charactersFault([plain], text) ?? hostFault(plain, text);
  if (unfit !== null) return unfit;
  if (looksLikeHost(plain) || plain.includes('*')) {
    return compileName(isHubAlias(host) ? DOCKER_HUB : withoutDefaultPort(host), text);
  }
  const message = `${shown} is not a registry: a host has a dot or a port, or is "localhost"; write the whole host, "docker.io" for Docker Hub`;
  return refuse('invalid-registry', message);
}
