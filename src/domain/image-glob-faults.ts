import { type GlobFaultCode, type PatternFault, quotePattern } from './glob.ts';

/** Why a pattern could never match an image. */
export type ImagePatternFaultCode =
  | GlobFaultCode
  | 'blank'
  | 'scheme'
  | 'digest'
  | 'upper-case'
  | 'invalid-character'
  | 'impossible-class'
  | 'empty-part'
  | 'invalid-part'
  | 'invalid-registry'
  | 'registry-alone'
  | 'hub-depth'
  | 'misplaced-tag'
  | 'empty-tag'
  | 'invalid-tag';

export type ImagePatternFault = PatternFault<ImagePatternFaultCode>;
export type PatternRefusal = { readonly ok: false; readonly fault: ImagePatternFault };

/** The longest host and the longest repository name of the reference grammar. */
const MAX_NAME = 512;
const MAX_TAG = 128;

/** What can be told of a pattern before it is taken apart; null where nothing is wrong. */
export function wholeFault(text: string): PatternRefusal | null {
  const shown = quotePattern(text);
  if (/\S\s+\S/.test(text)) {
    return refuse(
      'blank',
      `${shown} has a space in it, which no image has; write several patterns as a list`,
    );
  }
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(text)?.[0];
  if (scheme !== undefined) {
    const right = quotePattern(text.slice(scheme.length));
    return refuse(
      'scheme',
      `${shown} begins with ${quotePattern(scheme)}, which no image does; write ${right}`,
    );
  }
  if (text.includes('\\')) {
    return refuse(
      'invalid-character',
      `${shown} has a "\\" in it, and image names need no escaping; remove it`,
    );
  }
  const at = text.indexOf('@');
  if (at < 0) return null;
  const remedy = at === 0 ? 'write a name' : `write ${quotePattern(text.slice(0, at))}`;
  return refuse('digest', `${shown} names a digest, but patterns match names and tags only; ${remedy}`);
}

/** What is wrong with an IPv6 address in brackets at the beginning, which would else be read as a class; null for none. */
export function addressFault(text: string, ofImage = true): PatternRefusal | null {
  const address = /^\[[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\](:[\d*?]+)?/.exec(text);
  if (address === null) return null;
  const shown = quotePattern(text);
  const [host, port = ''] = address;
  if (/[A-F]/.test(host)) {
    const right = quotePattern(host.toLowerCase() + text.slice(host.length));
    return refuse('upper-case', `${shown} has upper-case letters in its registry; write ${right}`);
  }
  if (/[*?]/.test(port)) {
    return refuse('invalid-registry', `${shown} has a wildcard in the port of an address; write each port`);
  }
  if (!ofImage || host !== text) return null;
  const right = quotePattern(`${text}/**`);
  return refuse('registry-alone', `${shown} is a registry, not an image; write ${right} for all its images`);
}

/** What no name is spelled with. In `plain`, the parts of the name, every wildcard is a `*`. */
export function charactersFault(plain: readonly string[], text: string): PatternRefusal | null {
  const shown = quotePattern(text);
  const name = plain.join('/');
  if (/[A-Z]/.test(name)) {
    const remedy = text === name ? `write ${quotePattern(name.toLowerCase())}` : 'write it in lower case';
    return refuse('upper-case', `${shown} has upper-case letters in its name, which no image has; ${remedy}`);
  }
  const odd = /[^a-z0-9._:/*-]/.exec(name)?.[0];
  if (odd === undefined) return null;
  const remedy =
    odd === ','
      ? 'write a list, or "{a,b}"'
      : 'patterns are globs ("*", "**", "?", "[a-z]", "{a,b}"), not regular expressions';
  return refuse('invalid-character', `${shown} has ${quotePattern(odd)} in its name; ${remedy}`);
}

/** What no part of a name can be. The host in brackets, if any, is not among the parts: the first is what follows it. */
export function partsFault(
  hasAddress: boolean,
  plain: readonly string[],
  text: string,
): PatternRefusal | null {
  const [first = '', ...rest] = plain;
  if (!hasAddress) {
    const isHost = rest.length > 0 && looksLikeHost(first);
    const bad = isHost ? hostFault(first, text) : partFault(first, text);
    if (bad !== null) return bad;
  }
  if (rest.at(-1) === '' && text.endsWith('/')) {
    const message = `${quotePattern(text)} ends in "/"; write ${quotePattern(`${text}**`)} for every image below it`;
    return refuse('empty-part', message);
  }
  for (const part of rest) {
    const bad = partFault(part, text);
    if (bad !== null) return bad;
  }
  if (plain.join('/').replaceAll('*', '').length <= MAX_NAME) return null;
  return refuse('too-long', `${quotePattern(text)} is longer than any image name; shorten it`);
}

function partFault(part: string, text: string): PatternRefusal | null {
  const shown = quotePattern(text);
  if (part === '')
    return refuse('empty-part', `${shown} has nothing before or between its slashes; remove one "/"`);
  if (part.includes(':')) {
    const message = `${shown} has a ":" in the middle; a tag goes at the end, a port directly after the registry`;
    return refuse('misplaced-tag', message);
  }
  if (!/^[._-]|[._-]$|\.\.|___|[._-]\.|\.[_-]|-_|_-/.test(part)) return null;
  const message = `${shown} has the part ${quotePattern(part)}, which no image name has: parts begin and end with a letter or digit, with single separators between; correct it`;
  return refuse('invalid-part', message);
}

/** A host on its own: somebody meant all of its images. */
export function registryAloneFault(name: string, tag: string | null, text: string): PatternRefusal | null {
  const isHost = name === 'localhost' || /\.[a-z]{2,}$/.test(name) || /^(?:\d{1,3}\.){3}\d{1,3}$/.test(name);
  if (!isHost) return null;
  const port = tag !== null && /^\d+$/.test(tag) ? `:${tag}` : '';
  const right = quotePattern(`${name}${port}/**`);
  return refuse(
    'registry-alone',
    `${quotePattern(text)} is a registry, not an image; write ${right} for all its images, or "docker.io/library/${text}" for an image of Docker Hub`,
  );
}

/** Whether the first of several parts is a registry, by the rule of references. */
export function looksLikeHost(part: string): boolean {
  return part.includes('.') || part.includes(':') || part === 'localhost';
}

/** What is wrong with a host in which every wildcard is a `*`. */
export function hostFault(host: string, text: string): PatternRefusal | null {
  const colon = host.indexOf(':');
  const port = colon < 0 ? null : host.slice(colon + 1);
  const labels = (colon < 0 ? host : host.slice(0, colon)).split('.');
  const isName = labels.every((label) => /^[a-z0-9*](?:[a-z0-9*-]*[a-z0-9*])?$/.test(label));
  if (isName && (port === null || /^[0-9*]+$/.test(port))) return null;
  const message = `${quotePattern(text)} begins with ${quotePattern(host)}, which is not a registry; write its host, such as "ghcr.io" or "localhost:5000"`;
  return refuse('invalid-registry', message);
}

/** What no tag can be. In `plain`, every wildcard is a `*`. */
export function tagFault(plain: string, text: string): PatternRefusal | null {
  const shown = quotePattern(text);
  if (plain === '') {
    const remedy = text.endsWith(':') ? `write ${quotePattern(text.slice(0, -1))}` : 'leave out the ":"';
    return refuse('empty-tag', `${shown} has an empty tag; ${remedy} for every tag`);
  }
  const odd = /[^\w.*-]/.exec(plain)?.[0];
  if (odd !== undefined) {
    const message = `${shown} has ${quotePattern(odd)} in its tag; tags consist of letters, digits, "_", "." and "-"`;
    return refuse('invalid-tag', message);
  }
  if (/^[.-]/.test(plain)) {
    const message = `${shown} has a tag that begins with "." or "-", as no tag does; write "*" in front of it`;
    return refuse('invalid-tag', message);
  }
  if (plain.replaceAll('*', '').length <= MAX_TAG) return null;
  return refuse('invalid-tag', `${shown} has more than ${MAX_TAG} characters in its tag; shorten it`);
}

export function refuse(code: ImagePatternFaultCode, message: string): PatternRefusal {
  return { ok: false, fault: { code, message } };
}
