/** One challenge of a `WWW-Authenticate` header (RFC 9110, section 11.6.1). */
export type Challenge = {
  /** Lower case: `basic`, `bearer`. */
  readonly scheme: string;
  readonly token68: string | null;
  /** Names in lower case; the first of a name counts. */
  readonly params: ReadonlyMap<string, string>;
};

const MAX_HEADER_CHARACTERS = 16 * 1024;
const MAX_CHALLENGES = 32;

const TOKEN = charset("!#$%&'*+-.^_`|~");
const TOKEN68 = charset('-._~+/');

/**
 * Parses the values of all `WWW-Authenticate` headers of an answer: several challenges in one value, several values,
 * quoted strings with escapes, token68. What is malformed is left out and parsing goes on behind the next comma;
 * an unquoted value may hold any character but a comma or a blank, as some registries send their realm bare.
 * Pure, linear, never throws; values beyond 16 Ki characters are ignored.
 */
export function parseChallenges(values: readonly string[]): readonly Challenge[] {
  const found: Challenge[] = [];
  for (const value of values) {
    if (value.length <= MAX_HEADER_CHARACTERS) found.push(...new Scanner(value).challenges());
    if (found.length >= MAX_CHALLENGES) break;
  }
  return found.slice(0, MAX_CHALLENGES);
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  challenges(): Challenge[] {
    const found: Challenge[] = [];
    let params: Map<string, string> | null = null;
    while (this.#skip(' \t,')) {
      const name = this.#run(TOKEN).toLowerCase();
      if (name === '') {
        this.#skipItem();
        continue;
      }
      const afterName = this.#at;
      this.#skip(' \t');
      if (this.#peek() === '=' && params !== null) {
        this.#param(name, params);
        continue;
      }
      params = new Map();
      const spaced = this.#at > afterName;
      const token68: string | null = spaced ? this.#token68() : null;
      found.push({ scheme: name, token68, params });
    }
    return found;
  }

  /** Reads `=value`; a value that does not end as it must is left out. */
  #param(name: string, params: Map<string, string>): void {
    this.#at++;
    this.#skip(' \t');
    const value = this.#peek() === '"' ? this.#quoted() : this.#bare();
    if (value !== null && !params.has(name)) params.set(name, value);
    this.#skip(' \t');
    if (this.#peek() !== ',' && this.#peek() !== '') this.#skipItem();
  }

  #quoted(): string | null {
    let value = '';
    for (let i = this.#at + 1; i < this.#text.length; i++) {
      let c = this.#text[i] ?? '';
      if (c === '"') {
        this.#at = i + 1;
        return value;
      }
      if (c === '\\') c = this.#text[++i] ?? '';
      value += c;
    }
    this.#at = this.#text.length;
    return null;
  }

  #bare(): string | null {
    const start = this.#at;
    while (this.#peek() !== '' && !' \t,"'.includes(this.#peek())) this.#at++;
    return this.#at === start ? null : this.#text.slice(start, this.#at);
  }

  /** A token68 stands alone between the scheme and a comma or the end; otherwise nothing is read. */
  #token68(): string | null {
    const start = this.#at;
    const body = this.#run(TOKEN68);
    while (this.#peek() === '=') this.#at++;
    const end = this.#at;
    this.#skip(' \t');
    const alone = this.#peek() === ',' || this.#peek() === '';
    if (alone && body !== '') return this.#text.slice(start, end);
    this.#at = start;
    return null;
  }

  /** Moves behind the next comma that is not inside quotes. */
  #skipItem(): void {
    while (this.#peek() !== '' && this.#peek() !== ',') {
      if (this.#peek() === '"') this.#quoted();
      else this.#at++;
    }
  }

  #run(set: ReadonlySet<string>): string {
    const start = this.#at;
    while (set.has(this.#peek())) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  /** Skips any of `characters`; whether text is left. */
  #skip(characters: string): boolean {
    while (this.#peek() !== '' && characters.includes(this.#peek())) this.#at++;
    return this.#at < this.#text.length;
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }
}

function charset(punctuation: string): ReadonlySet<string> {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  return new Set(`${letters}${letters.toUpperCase()}0123456789${punctuation}`);
}
