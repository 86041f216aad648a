import { once } from 'node:events';
import { createServer } from 'node:net';
import { createEmulator, type Emulator } from 'emulate';

export type Json = Record<string, unknown>;
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

export const ADMIN_TOKEN = 'ghp_admin000000000000000000000000000000';

export type BackendSeed = {
  readonly users: readonly string[];
  readonly organisations: readonly string[];
  /** `owner/name`. */
  readonly repositories: readonly string[];
  readonly appSlug: string;
  readonly appId: number;
  readonly permissions: Readonly<Record<string, string>>;
};

/** The emulator itself, asked in JSON. `baseUrl` is the address its answers name. */
export class Backend {
  readonly privateKey: string;
  readonly #emulator: Emulator;
  readonly #url: string;

  private constructor(emulator: Emulator, url: string, privateKey: string) {
    this.#emulator = emulator;
    this.#url = url;
    this.privateKey = privateKey;
  }

  static async start(seed: BackendSeed, baseUrl: string): Promise<Backend> {
    const port = await freePort();
    const accounts = [...seed.organisations, ...seed.users];
    const owners = new Set(seed.repositories.map((name) => name.split('/')[0] ?? ''));
    const emulator = await createEmulator({
      service: 'github',
      port,
      baseUrl,
      seed: {
        tokens: Object.fromEntries([
          [ADMIN_TOKEN, { login: 'admin', scopes: ['repo'] }],
          ...seed.users.map((login) => [tokenOf(login), { login, scopes: ['repo'] }]),
        ]),
        github: {
          users: [
            { login: 'admin', site_admin: true },
            ...seed.users.map((login) => ({ login, email: `${login}@example.org` })),
          ],
          orgs: seed.organisations.map((login) => ({ login, members: [{ login: 'admin', role: 'admin' }] })),
          repos: seed.repositories.map((full) => {
            const [owner, name] = full.split('/');
            return { owner, name, auto_init: true };
          }),
          apps: [
            {
              app_id: seed.appId,
              slug: seed.appSlug,
              name: 'Pinwheel',
              permissions: seed.permissions,
              events: [],
              installations: accounts
                .filter((account) => owners.has(account))
                .map((account) => ({ installation_id: 100 + accounts.indexOf(account), account })),
            },
          ],
        },
      },
    });
    const key = emulator.generatedSecrets[0]?.value ?? '';
    return new Backend(emulator, `http://127.0.0.1:${port}`, key);
  }

  async ask(method: string, path: string, body?: unknown, authorization?: string): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        authorization: authorization ?? `token ${ADMIN_TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  /** As {@link Backend.ask} as an administrator; throws where the answer is no success. */
  async must(method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await this.ask(method, path, body);
    if (answer.status >= 300) {
      throw new Error(
        `the emulator answered ${answer.status} to ${method} ${path}: ${JSON.stringify(answer.body)}`,
      );
    }
    return record(answer.body);
  }

  close(): Promise<void> {
    return this.#emulator.close();
  }
}

/** The token a seeded user signs in with. */
export function tokenOf(login: string): string {
  return `ghp_${login}`;
}

export function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

export function records(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(record) : [];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
