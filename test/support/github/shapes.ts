import { type Answer, type Json, record } from './backend.ts';

export type Call = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly authorization: string;
  /** `mona`, or `pinwheel[bot]`. */
  readonly login: string;
};

export type Match = readonly string[];
export type Handler = (
  call: Call,
  match: Match,
  forward: (call?: Partial<Call>) => Promise<Answer>,
) => Promise<Answer>;

export type Route = { readonly method: string; readonly pattern: RegExp; readonly handler: Handler };

export const GITHUB_MAIL = 'noreply@github.com';

export function problem(status: number, message: string, errors?: readonly Json[]): Answer {
  const documentation = 'https://docs.github.com/rest';
  const body = {
    message,
    documentation_url: documentation,
    status: String(status),
    ...(errors ? { errors } : {}),
  };
  return { status, headers: {}, body };
}

export function ok(body: unknown): Answer {
  return { status: 200, headers: {}, body };
}

export function mapped(answer: Answer, change: (body: Json) => Json): Answer {
  return answer.status < 300 ? { ...answer, body: change(record(answer.body)) } : answer;
}

export async function mappedAsync(answer: Answer, change: (body: Json) => Promise<Json>): Promise<Answer> {
  return answer.status < 300 ? { ...answer, body: await change(record(answer.body)) } : answer;
}

export function verified(yes: boolean): Json {
  return yes
    ? {
        verified: true,
        reason: 'valid',
        signature: '-----BEGIN PGP SIGNATURE-----',
        payload: 'tree',
        verified_at: '2026-11-20T00:00:00Z',
      }
    : { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };
}

export function account(login: string, id: number, baseUrl: string): Json {
  return fullUser({
    login,
    id,
    url: `${baseUrl}/users/${login}`,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
  });
}

export function installation(body: Json): Json {
  const owner = record(body['account']);
  return { ...body, account: fullUser(owner), target_id: owner['id'] };
}

/** A "simple user" with all that GitHub's schema requires of one. */
export function fullUser(user: Json): Json {
  const login = String(user['login'] ?? 'ghost');
  const url = `https://api.github.com/users/${encodeURIComponent(login)}`;
  return {
    id: 1,
    node_id: `U_${login}`,
    avatar_url: `https://avatars.githubusercontent.com/${encodeURIComponent(login)}`,
    gravatar_id: '',
    url,
    html_url: `https://github.com/${encodeURIComponent(login)}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: 'User',
    site_admin: false,
    ...Object.fromEntries(
      Object.entries(user).map(([key, value]) => [
        key,
        typeof value === 'string' && value.startsWith('http')
          ? value.replaceAll('[', '%5B').replaceAll(']', '%5D')
          : value,
      ]),
    ),
    login,
  };
}

export function pageOf(items: readonly Json[], query: URLSearchParams): readonly Json[] {
  const size = Math.min(Number(query.get('per_page') ?? 30), 100);
  const page = Number(query.get('page') ?? 1);
  return items.slice((page - 1) * size, page * size);
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
