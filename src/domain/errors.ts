/**
 * The one error base of the house. Each stage derives a class with its own closed union of codes.
 *
 * `message` is one sentence for a person: what went wrong, where (file and line, or host), and what to do.
 * `temporary` says whether the same call may succeed later without anyone changing anything.
 */
export abstract class PinwheelError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly temporary: boolean;

  constructor(init: {
    readonly code: Code;
    readonly message: string;
    readonly temporary?: boolean;
    readonly cause?: unknown;
  }) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = new.target.name;
    this.code = init.code;
    this.temporary = init.temporary ?? false;
  }
}

/** An expected outcome that may be a refusal: no exceptions for what a caller must handle anyway. */
export type Result<Value, Fault> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: Fault };

/** What could not be done, as data: for reports and `--json`. Never holds a secret. */
export type Failure = {
  /** What it concerns: a canonical image name, a file path, or a host. */
  readonly subject: string;
  readonly code: string;
  readonly message: string;
  readonly temporary: boolean;
};

/** Turns anything thrown into a {@link Failure} about `subject`; unknown throws get the code `internal`. */
export function toFailure(subject: string, thrown: unknown): Failure {
  if (thrown instanceof PinwheelError) {
    return { subject, code: thrown.code, message: thrown.message, temporary: thrown.temporary };
  }
  return { subject, code: 'internal', message: messageOf(thrown), temporary: false };
}

/** What anything thrown says: an error's message, else the value as text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
