import { type Digest, isDigest } from './digest.ts';
import type { Result } from './errors.ts';

/** Where an image lives, canonical: `docker.io` and `library/python`. What registries are asked by. */
export type Repository = {
  readonly registry: string;
  readonly repository: string;
};

/** A repository and a tag in it: the unit that is resolved once per pass. */
export type TaggedImage = Repository & { readonly tag: string };

/**
 * An image reference as someone wrote it. `registry` and `repository` are canonical, for look-ups;
 * `text` and `name` keep the user's spelling, for writing. Tag and digest stand together where both are written.
 */
export type ImageReference = Repository & {
  /** The whole reference as spelled. */
  readonly text: string;
  /** The spelled name without tag and digest: `python`, `docker.io/library/python`, `[::1]:5000/a`. */
  readonly name: string;
  readonly tag: string | null;
  readonly digest: Digest | null;
};

export type ReferenceFault = {
  readonly code:
    | 'empty'
    | 'too-long'
    | 'invalid-domain'
    | 'invalid-path'
    | 'uppercase-path'
    | 'ambiguous-hex'
    | 'invalid-tag'
    | 'invalid-digest';
  /** One sentence that names what is wrong and quotes it. */
  readonly message: string;
};

export const DOCKER_HUB = 'docker.io';
const HUB_ALIASES: ReadonlySet<string> = new Set([
  'docker.io',
  'index.docker.io',
  'registry.hub.docker.com',
  'registry-1.docker.io',
]);

// No class overlaps its separator, so each of these is linear.
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const DOMAIN_COMPONENT = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const IPV6 = /^\[[a-fA-F0-9:]+\]$/;
const PORT = /^[0-9]+$/;
const HEX_64 = /^[a-f0-9]{64}$/;
const NAME_LIMIT = 255;

/**
 * Parses `[domain[:port]/]path[:tag][@digest]` by the grammar of distribution/reference, with Docker Hub's short
 * names and aliases made canonical (`python` → `docker.io/library/python`). Surrounding blanks are not trimmed.
 * Pure; linear in the length of the text. Returns a fault that quotes what is wrong; never throws.
 */
export function parseImageReference(text: string): Result<ImageReference, ReferenceFault> {
  if (text === '') return fault('empty', 'the image reference is empty');
  if (text.length > 4096) return fault('too-long', 'the image reference is longer than 4096 characters');

  const at = text.indexOf('@');
  const digestText = at < 0 ? null : text.slice(at + 1);
  const beforeDigest = at < 0 ? text : text.slice(0, at);
  const lastSlash = beforeDigest.lastIndexOf('/');
  const tagColon = beforeDigest.indexOf(':', lastSlash + 1);
  const tag = tagColon < 0 ? null : beforeDigest.slice(tagColon + 1);
  const name = tagColon < 0 ? beforeDigest : beforeDigest.slice(0, tagColon);

  const located = locate(name);
  if (!located.ok) return located;
  if (tag !== null && !TAG.test(tag)) {
    return fault(
      'invalid-tag',
      `${quote(tag)} is not a tag: letters, digits, "_", "." and "-", at most 128, not starting with "." or "-"`,
    );
  }
  if (digestText !== null && !isDigest(digestText)) {
    return fault(
      'invalid-digest',
      `${quote(digestText)} is not a digest: expected "sha256:" and 64 or "sha512:" and 128 lower-case hex digits`,
    );
  }
  return { ok: true, value: { ...located.value, text, name, tag, digest: digestText } };
}

/** Whether a host is one of Docker Hub's names (`index.docker.io`), in any case. */
export function isHubAlias(host: string): boolean {
  return HUB_ALIASES.has(host.toLowerCase());
}

/** `docker.io/library/python`, the name registries and rules know an image by. */
export function canonicalName(repository: Repository): string {
  return `${repository.registry}/${repository.repository}`;
}

/**
 * The short form people know: Docker Hub's domain and `library/` left out (`python`, `bitnami/redis`, `ghcr.io/a/b`).
 */
export function familiarName(repository: Repository): string {
  if (repository.registry !== DOCKER_HUB) return canonicalName(repository);
  return repository.repository.startsWith('library/')
    ? repository.repository.slice('library/'.length)
    : repository.repository;
}

/** The key of a tag for maps and reports: `docker.io/library/python:3.11`. */
export function tagKey(image: TaggedImage): string {
  return `${canonicalName(image)}:${image.tag}`;
}

/**
 * The reference as the user spelled it with another digest, and another tag where one is given:
 * `python:3.11` → `python:3.11@sha256:…`. The spelled name is never touched.
 */
export function spellReference(reference: ImageReference, digest: Digest, tag = reference.tag): string {
  return tag === null ? `${reference.name}@${digest}` : `${reference.name}:${tag}@${digest}`;
}

function locate(name: string): Result<Repository, ReferenceFault> {
  if (name === '') return fault('empty', 'the image reference has no name');
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasDomain =
    slash >= 0 && (/[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const domain = hasDomain ? first : DOCKER_HUB;
  const path = hasDomain ? name.slice(slash + 1) : name;
  if (hasDomain) {
    const bad = domainFault(domain);
    if (bad !== null) return bad;
  }
  const registry = isHubAlias(domain) ? DOCKER_HUB : domain.toLowerCase();
  if (!hasDomain && HEX_64.test(path)) {
    return fault(
      'ambiguous-hex',
      `${quote(path)} is 64 hex digits, which is an image ID, not a repository name`,
    );
  }
  for (const component of path.split('/')) {
    if (PATH_COMPONENT.test(component)) continue;
    if (component !== component.toLowerCase() && PATH_COMPONENT.test(component.toLowerCase())) {
      return fault('uppercase-path', `${quote(component)} in ${quote(name)} must be lower case`);
    }
    return fault('invalid-path', `${quote(component)} in ${quote(name)} is not a repository path component`);
  }
  const repository = registry === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path;
  if (repository.length > NAME_LIMIT) {
    return fault('too-long', `the repository name is longer than ${NAME_LIMIT} characters`);
  }
  return { ok: true, value: { registry, repository } };
}

function domainFault(domain: string): { ok: false; fault: ReferenceFault } | null {
  const bracket = domain.startsWith('[') ? domain.indexOf(']') + 1 : 0;
  const colon = domain.indexOf(':', bracket);
  const host = colon < 0 ? domain : domain.slice(0, colon);
  const port = colon < 0 ? null : domain.slice(colon + 1);
  const hostIsValid = bracket > 0 ? IPV6.test(host) : host.split('.').every((c) => DOMAIN_COMPONENT.test(c));
  if (!hostIsValid) return fault('invalid-domain', `${quote(host)} is not a registry host`);
  if (port !== null && !PORT.test(port)) {
    return fault('invalid-domain', `${quote(port)} in ${quote(domain)} is not a port number`);
  }
  return null;
}

function fault(code: ReferenceFault['code'], message: string): { ok: false; fault: ReferenceFault } {
  return { ok: false, fault: { code, message } };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
