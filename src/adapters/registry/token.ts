import { RegistryError } from '../../resolve/registry.ts';

/** A token as a token server gave it, with the time it is to be used until (ms since the epoch). */
export type Token = { readonly value: string; readonly until: number };

/** What tokens live without `expires_in` (distribution, token authentication). */
const DEFAULT_LIFE_S = 60;
const MAX_LIFE_S = 86_400;
/** A token is renewed before it ends, so that it does not end on its way. */
const MARGIN = 0.1;

/**
 * The token in the answer of a token server: `token`, else `access_token`; its life is `expires_in` seconds from
 * `issued_at`, counted on the server's own clock (its `Date` header) so that our clock need not agree.
 * Throws a {@link RegistryError} that does not repeat the answer.
 */
export function readToken(body: Buffer, serverDate: string | null, now: number, host: string): Token {
  const fail = (what: string): RegistryError =>
    new RegistryError({ code: 'invalid-response', message: `${host}: ${what} instead of a token` });
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString('utf8'));
  } catch {
    throw fail('sent something that is not JSON');
  }
  if (typeof answer !== 'object' || answer === null) throw fail('sent JSON that is not an object');
  const fields = answer as Readonly<Record<string, unknown>>;
  const value = [fields['token'], fields['access_token']].find(
    (text) => typeof text === 'string' && text !== '',
  );
  // A token with other characters could not be sent in a header.
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw fail('sent something else');

  const life = clamp(numberOf(fields['expires_in']) ?? DEFAULT_LIFE_S, 0, MAX_LIFE_S);
  const issued = Date.parse(String(fields['issued_at'] ?? ''));
  const servers = serverDate === null ? Number.NaN : Date.parse(serverDate);
  const age = clamp(((Number.isNaN(servers) ? now : servers) - issued) / 1000 || 0, 0, life);
  return { value, until: now + (life - age) * (1 - MARGIN) * 1000 };
}

/** The query of a token request: what the realm has already, the service, and each scope on its own. */
export function tokenUrl(realm: URL, service: string | null, scope: string): URL {
  const url = new URL(realm);
  url.hash = '';
  if (service !== null) url.searchParams.append('service', service);
  for (const part of scope.split(' ')) url.searchParams.append('scope', part);
  return url;
}

/**
 * The scope to ask for: what the challenge names, cut down to pulling from repositories, since some registries know
 * a repository by another name in scopes; else that of the repository.
 */
export function pullScope(asked: string | null, repository: string): string {
  const parts = (asked ?? '').split(' ').flatMap((part) => {
    const first = part.indexOf(':');
    const last = part.lastIndexOf(':');
    const type = part.slice(0, Math.max(first, 0));
    const named = first > 0 && last > first + 1 && (type === 'repository' || type.startsWith('repository('));
    return named ? [`${part.slice(0, last)}:pull`] : [];
  });
  return parts.length === 0 ? `repository:${repository}:pull` : [...new Set(parts)].join(' ');
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
