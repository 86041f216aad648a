import { type Failure, PinwheelError, toFailure } from '../domain/errors.ts';
import { describeThrown } from './describe-error.ts';
import { type ExitCode, type Io, write, writeJson } from './io.ts';

/** Ctrl-C, or a request to end, before the work was done. */
export class InterruptedError extends PinwheelError<'interrupted'> {
  constructor(message: string) {
    super({ code: 'interrupted', message });
  }
}

/**
 * Runs a command's work so that whoever asked for JSON gets exactly one document, whatever happens: what is thrown
 * becomes the one entry of an otherwise empty document (`emptyWith`), besides the message on stderr and exit code 1.
 * Without `isJson` it is thrown on.
 */
export async function orFailureDocument(
  isJson: boolean,
  io: Io,
  emptyWith: (failure: Failure) => unknown,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (!isJson) throw error;
    await write(io.stderr, describeThrown(error, io));
    await writeJson(io, emptyWith(toFailure('', error)));
    return 1;
  }
}
