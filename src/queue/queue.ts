import { PinwheelError } from '../domain/errors.ts';
import type { RotationRequest } from './request.ts';

/** What became of a request: a new job, added to the one that waits, or dropped because its delivery was seen before. */
export type Enqueued = 'queued' | 'merged' | 'duplicate';

/** A job handed to a worker: everything asked for of one repository until now. */
export type ClaimedJob = {
  readonly id: string;
  readonly request: RotationRequest;
  /** From 1. */
  readonly attempt: number;
};

/** A request given up on. `message` never holds a secret. */
export type DeadLetter = {
  readonly id: string;
  readonly request: RotationRequest;
  readonly attempts: number;
  readonly message: string;
  /** ISO 8601. */
  readonly failedAt: string;
};

export type QueueCounts = { readonly waiting: number; readonly running: number; readonly dead: number };

export type QueueErrorCode = 'in-use' | 'unreachable' | 'closed' | 'damaged' | 'lost-claim';

export class QueueError extends PinwheelError<QueueErrorCode> {}

/**
 * The port to the queue of passes: one running and one waiting a repository, what people wait for first. At least once: a job
 * whose worker died runs again. Every method throws {@link QueueError}.
 */
export interface RotationQueue {
  /**
   * Takes a request in, durably: when this resolves, a crash no longer loses it. `deliveryId` makes it idempotent: a
   * delivery seen in the last days is a `duplicate`.
   */
  enqueue(request: RotationRequest, deliveryId?: string): Promise<Enqueued>;
  /** The next job that is due, of a repository that is not running; null where there is none. */
  claim(): Promise<ClaimedJob | null>;
  /** Keeps a claim alive; to be called at least every `heartbeatMs`. False where the claim was lost to another worker. */
  keepAlive(job: ClaimedJob): Promise<boolean>;
  /** The job is done. */
  complete(job: ClaimedJob): Promise<void>;
  /** The job failed: it is tried again later (after `retryAfterMs`, else by back-off), or becomes a dead letter after the last attempt or at once where `final`. */
  fail(
    job: ClaimedJob,
    failure: { readonly message: string; readonly final?: boolean; readonly retryAfterMs?: number },
  ): Promise<'retry' | 'dead'>;
  /** Gives a claimed job back untouched: at shutdown. Costs no attempt. */
  release(job: ClaimedJob): Promise<void>;
  /** Calls `wake` when there may be work; returns how to stop. Polling stays the floor: a lost call costs time only. */
  onWork(wake: () => void): () => void;
  deadLetters(repository?: string): Promise<readonly DeadLetter[]>;
  /** Takes a dead letter off: queued again, or dropped. False where it is gone. */
  settleDead(id: string, how: 'retry' | 'drop'): Promise<boolean>;
  counts(): Promise<QueueCounts>;
  /** Takes or renews a named lease for `ttlMs`; false where another holder has it. For work that one replica does. */
  lease(name: string, holder: string, ttlMs: number): Promise<boolean>;
  /** A named instant kept over restarts (ISO 8601), null where none was set: `visit:owner/name`. */
  mark(name: string): Promise<string | null>;
  setMark(name: string, instant: string): Promise<void>;
  /** How often {@link RotationQueue.keepAlive} is due, in milliseconds. */
  readonly heartbeatMs: number;
  close(): Promise<void>;
}
