import { PinwheelError } from '../domain/errors.ts';

export type PublishErrorCode = 'raced' | 'not-a-file' | 'incomplete';

/** What went wrong between the plan and the forge. */
export class PublishError extends PinwheelError<PublishErrorCode> {}
