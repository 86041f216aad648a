import { messageOf, PinwheelError } from '../domain/errors.ts';

export type PublishErrorCode = 'raced' | 'not-a-file';

/** What went wrong between the plan and the forge. */
export class PublishError extends PinwheelError<PublishErrorCode> {}

/** Whether the same call may succeed later without anyone changing anything. */
export function isTemporary(error: unknown): boolean {
  return error instanceof Error && 'temporary' in error && error.temporary === true;
}

/** Whether an error carries this code, whichever adapter threw it. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/**
 * Why the forge refuses a task that the pass can do without; null where it was done. Throws what may pass by itself: the
 * pass is tried again then.
 */
export async function refusalOf(task: () => Promise<unknown>): Promise<string | null> {
  try {
    await task();
    return null;
  } catch (error) {
    if (isTemporary(error)) throw error;
    return messageOf(error);
  }
}
