import { PinwheelError } from '../../domain/errors.ts';

export type GitHubErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'unprocessable'
  | 'rate-limited'
  | 'unavailable'
  | 'timeout'
  | 'unreachable'
  | 'too-large'
  | 'graphql'
  | 'invalid-response';

/**
 * What GitHub refused or failed to do. `status` is the HTTP status, 0 where nobody answered; `retryAt` says when
 * GitHub wants to be asked again (rate limits only).
 */
export class GitHubError extends PinwheelError<GitHubErrorCode> {
  readonly status: number;
  readonly retryAt: Date | null;

  constructor(init: {
    readonly code: GitHubErrorCode;
    readonly message: string;
    readonly status?: number;
    readonly temporary?: boolean;
    readonly retryAt?: Date | null;
    readonly cause?: unknown;
  }) {
    super(init);
    this.status = init.status ?? 0;
    this.retryAt = init.retryAt ?? null;
  }
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'check the App id and private key, or the token',
  403: 'check the permissions of the App installation or token',
  404: 'check the name, and that the App is installed there or the token can read it',
};

/** The error for an answer of `status` to `what` (`GET /repos/o/r`), with GitHub's own words in `detail`. */
export function errorOfStatus(status: number, what: string, detail: string, cause?: unknown): GitHubError {
  const remedy = REMEDIES[status];
  const words = detail.length > 300 ? `${detail.slice(0, 300)}…` : detail;
  const message = `GitHub answered ${status} to ${what}${words === '' ? '' : `: ${words}`}${
    remedy === undefined ? '' : ` (${remedy})`
  }`;
  return new GitHubError({ code: codeOf(status), message, status, temporary: isTemporary(status), cause });
}

function codeOf(status: number): GitHubErrorCode {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 410 || status === 451) return 'not-found';
  if (status === 409) return 'conflict';
  if (status === 422) return 'unprocessable';
  if (status === 429) return 'rate-limited';
  if (status === 413) return 'too-large';
  if (status === 408) return 'timeout';
  return status >= 500 ? 'unavailable' : 'invalid-response';
}

function isTemporary(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** Whether `thrown` is a {@link GitHubError} with one of these codes. */
export function isGitHubError(thrown: unknown, ...codes: readonly GitHubErrorCode[]): thrown is GitHubError {
  return thrown instanceof GitHubError && codes.includes(thrown.code);
}
