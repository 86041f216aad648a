import { createHash } from 'node:crypto';
import type { Octokit } from '@octokit/rest';
import { GitHubError, isGitHubError } from './errors.ts';
import type { ByteLimitedCache } from './http-cache.ts';

export type BlobRequest = { readonly id: string; readonly size: number | null };

const BATCH = 50;
const BATCH_BYTES = 2 * 1024 * 1024;
// GitHub serves blobs up to 100 MB; nothing that pins an image comes near this.
const MAX_BLOB = 10 * 1024 * 1024;

/**
 * Reads blobs of one repository by object id. Texts come in GraphQL batches (one request for up to 50 files), each
 * checked against its id; what is binary, truncated or altered there, and everything where GraphQL is not served, comes
 * by REST. Content of an id never changes, so it is kept for good, as far as `cache` has room.
 */
export class BlobReader {
  readonly #octokit: Octokit;
  readonly #owner: string;
  readonly #name: string;
  readonly #cache: ByteLimitedCache<Uint8Array>;
  readonly #waiting = new Map<string, Pending>();
  #scheduled = false;
  #withGraphql = true;

  constructor(octokit: Octokit, owner: string, name: string, cache: ByteLimitedCache<Uint8Array>) {
    this.#octokit = octokit;
    this.#owner = owner;
    this.#name = name;
    this.#cache = cache;
  }

  /** The blob's bytes. Calls made in the same turn of the event loop share their requests. */
  read(blob: BlobRequest): Promise<Uint8Array> {
    const known = this.#cache.get(blob.id);
    if (known !== undefined) return Promise.resolve(known);
    if (blob.size !== null && blob.size > MAX_BLOB) {
      return Promise.reject(
        new GitHubError({
          code: 'too-large',
          message: `the file is ${blob.size} bytes; Pinwheel reads files of up to ${MAX_BLOB} bytes`,
        }),
      );
    }
    const asked = this.#waiting.get(blob.id);
    if (asked !== undefined) return asked.promise;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#waiting.set(blob.id, { blob, promise, resolve, reject });
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => void this.#flush());
    }
    return promise;
  }

  async #flush(): Promise<void> {
    this.#scheduled = false;
    const pending = [...this.#waiting.values()].filter((one) => !one.sent);
    for (const one of pending) one.sent = true;
    await Promise.all(batches(pending).map((batch) => this.#fetch(batch)));
  }

  async #fetch(batch: readonly Pending[]): Promise<void> {
    let rest = batch;
    if (this.#withGraphql) {
      try {
        const texts = await this.#query(batch.map((one) => one.blob.id));
        rest = batch.filter((one) => {
          const bytes = texts.get(one.blob.id);
          if (bytes !== undefined) this.#settle(one, bytes);
          return bytes === undefined;
        });
      } catch {
        // Not served there (an old Enterprise Server, a proxy, a fine-grained token): REST tells what is really wrong.
        this.#withGraphql = false;
      }
    }
    await Promise.all(
      rest.map(async (one) => {
        try {
          this.#settle(one, await this.#get(one.blob.id));
        } catch (error) {
          this.#waiting.delete(one.blob.id);
          one.reject(error);
        }
      }),
    );
  }

  #settle(one: Pending, bytes: Uint8Array): void {
    this.#cache.set(one.blob.id, bytes);
    this.#waiting.delete(one.blob.id);
    one.resolve(bytes);
  }

  async #query(ids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const fields = ids.map(
      (_, i) => `b${i}: object(oid: $o${i}) { ... on Blob { oid isBinary isTruncated text } }`,
    );
    const variables = ids.map((_, i) => `$o${i}: GitObjectID!`);
    const document = `query pinwheelBlobs($owner: String!, $name: String!, ${variables.join(', ')}) {
  repository(owner: $owner, name: $name) {
    ${fields.join('\n    ')}
  }
}`;
    const answer = await this.#octokit.graphql<{ repository: Record<string, BlobAnswer | null> | null }>(
      document,
      {
        owner: this.#owner,
        name: this.#name,
        ...Object.fromEntries(ids.map((id, i) => [`o${i}`, id])),
      },
    );
    const found = new Map<string, Uint8Array>();
    for (const blob of Object.values(answer.repository ?? {})) {
      if (blob === null || blob.isBinary !== false || blob.isTruncated || typeof blob.text !== 'string')
        continue;
      const bytes = Buffer.from(blob.text, 'utf8');
      if (blob.oid !== undefined && gitBlobId(bytes, blob.oid.length) === blob.oid)
        found.set(blob.oid, bytes);
    }
    return found;
  }

  async #get(id: string): Promise<Uint8Array> {
    const { data } = await this.#octokit.request('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', {
      owner: this.#owner,
      repo: this.#name,
      file_sha: id,
    });
    return Buffer.from(data.content, data.encoding === 'base64' ? 'base64' : 'utf8');
  }
}

type Pending = {
  readonly blob: BlobRequest;
  readonly promise: Promise<Uint8Array>;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
  sent?: boolean;
};

type BlobAnswer = {
  readonly oid?: string;
  readonly isBinary?: boolean | null;
  readonly isTruncated?: boolean;
  readonly text?: string | null;
};

/** The object id git gives a blob: SHA-1, or SHA-256 where ids are 64 characters long. */
export function gitBlobId(bytes: Uint8Array, idLength = 40): string {
  return createHash(idLength === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex');
}

function batches(pending: readonly Pending[]): readonly (readonly Pending[])[] {
  const all: Pending[][] = [];
  let bytes = 0;
  for (const one of pending) {
    const size = one.blob.size ?? 4096;
    const last = all.at(-1);
    if (last === undefined || last.length >= BATCH || bytes + size > BATCH_BYTES) {
      all.push([one]);
      bytes = size;
    } else {
      last.push(one);
      bytes += size;
    }
  }
  return all;
}

/** Reads texts of `paths` at HEAD of a repository: one GraphQL request, else a REST request each. Null: not there. */
export async function readHeadFiles(
  octokit: Octokit,
  owner: string,
  name: string,
  paths: readonly string[],
): Promise<readonly (string | null)[]> {
  const fields = paths.map(
    (_, i) => `f${i}: object(expression: $e${i}) { ... on Blob { text isTruncated } }`,
  );
  const variables = paths.map((_, i) => `$e${i}: String!`);
  const document = `query pinwheelFiles($owner: String!, $name: String!, ${variables.join(', ')}) {
  repository(owner: $owner, name: $name) {
    ${fields.join('\n    ')}
  }
}`;
  try {
    const answer = await octokit.graphql<{ repository: Record<string, BlobAnswer | null> | null }>(document, {
      owner,
      name,
      ...Object.fromEntries(paths.map((path, i) => [`e${i}`, `HEAD:${path}`])),
    });
    const { repository } = answer;
    if (repository === null) return paths.map(() => null);
    const texts = paths.map((_, i) => repository[`f${i}`]?.text ?? null);
    if (!paths.some((_, i) => repository[`f${i}`]?.isTruncated)) return texts;
  } catch (error) {
    if (isNotThere(error)) return paths.map(() => null);
  }
  return Promise.all(paths.map((path) => readContent(octokit, owner, name, path)));
}

async function readContent(
  octokit: Octokit,
  owner: string,
  name: string,
  path: string,
): Promise<string | null> {
  try {
    const { data } = await octokit.request('GET /repos/{owner}/{repo}/contents/{path}', {
      owner,
      repo: name,
      path,
      headers: { accept: 'application/vnd.github.raw+json' },
    });
    if (typeof data === 'string') return data;
    if (Array.isArray(data) || !('content' in data)) return null;
    return Buffer.from(data.content, 'base64').toString('utf8');
  } catch (error) {
    if (isGitHubError(error, 'not-found')) return null;
    throw error;
  }
}

/** GraphQL answers a missing repository with an error of type NOT_FOUND instead of null. */
function isNotThere(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('errors' in thrown)) return false;
  const { errors } = thrown;
  return (
    Array.isArray(errors) &&
    errors.length > 0 &&
    errors.every((error: unknown) => {
      return typeof error === 'object' && error !== null && 'type' in error && error.type === 'NOT_FOUND';
    })
  );
}
