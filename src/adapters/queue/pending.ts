import { DAY_MS } from '../../domain/time.ts';
import { type ClaimedJob, QueueError } from '../../queue/queue.ts';
import { mergeRequests, type RotationRequest } from '../../queue/request.ts';

/** One request as stored, until the job that holds it is done. */
export type PendingRow = {
  readonly id: number;
  /** The request as JSON. */
  readonly request: string;
  readonly attempts: number;
};

/** Said of a request whose worker died each time: it is not tried for ever. */
export const CRASHED = 'the worker crashed every time it ran this; see its log';

/** The stored requests of one repository as one job. `rows` are in the order they came and not empty. Throws {@link QueueError}. */
export function mergeRows(id: string, rows: readonly PendingRow[]): ClaimedJob {
  const requests = rows.map((row) => parseRequest(row.request));
  return {
    id,
    request: requests.reduce(mergeRequests),
    attempt: Math.max(...rows.map((row) => row.attempts)) + 1,
  };
}

/** A request from its JSON. Only the queue itself writes it, so its shape is trusted. Throws {@link QueueError} where it is no JSON. */
export function parseRequest(json: string): RotationRequest {
  try {
    return JSON.parse(json) as RotationRequest;
  } catch (error) {
    throw new QueueError({
      code: 'damaged',
      message: 'a stored request cannot be read; the queue was not written by Pinwheel',
      cause: error,
    });
  }
}

/** How long a delivery id is remembered. GitHub redelivers for three days. */
export const DELIVERY_MEMORY_MS = 7 * DAY_MS;

/** Local callbacks that are told of work. */
export class Wakers {
  readonly #wakers = new Set<() => void>();

  add(wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => {
      this.#wakers.delete(wake);
    };
  }

  wakeAll(): void {
    for (const wake of this.#wakers) wake();
  }
}
