/** Gives the token to send; `refresh` is asked after a 401 that names a token GitHub no longer takes. */
export interface TokenSource {
  token(): Promise<string>;
  /** Forgets `stale` so that the next `token()` is another one. False where there is no other. */
  refresh(stale: string): boolean;
}

export type IssuedToken = { readonly token: string; readonly expiresAt: Date };

/** A token that was given and never changes. */
export function fixedToken(token: string): TokenSource {
  return { token: async () => token, refresh: () => false };
}

// GitHub's own libraries renew ahead of the hour as well, so that a pass does not start with a dying token.
const MARGIN = 5 * 60_000;

/** Installation tokens: issued when first asked for, kept until shortly before they expire; askers share one request. */
export class InstallationTokens implements TokenSource {
  readonly #issue: () => Promise<IssuedToken>;
  readonly #now: () => number;
  #current: IssuedToken | null = null;
  #pending: Promise<IssuedToken> | null = null;

  constructor(issue: () => Promise<IssuedToken>, now: () => number) {
    this.#issue = issue;
    this.#now = now;
  }

  async token(): Promise<string> {
    if (this.#current !== null && this.#current.expiresAt.getTime() - MARGIN > this.#now()) {
      return this.#current.token;
    }
    this.#pending ??= this.#issue().finally(() => {
      this.#pending = null;
    });
    this.#current = await this.#pending;
    return this.#current.token;
  }

  refresh(stale: string): boolean {
    if (this.#current?.token === stale) this.#current = null;
    return true;
  }
}
