import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { messageOf, PinwheelError } from '../domain/errors.ts';
import type { Log } from '../domain/log.ts';
import { repositoryKey } from '../domain/repository-name.ts';
import { type ClaimedJob, QueueError, type RotationQueue } from '../queue/queue.ts';
import type { PassRunner } from '../queue/request.ts';

export type WorkerOptions = {
  readonly queue: RotationQueue;
  readonly runPass: PassRunner;
  /** Passes at once. */
  readonly concurrency: number;
  readonly log: Log;
  /** Aborted to stop: no job is claimed after it. */
  readonly signal: AbortSignal;
  /** How long a stopping worker lets its passes finish, in milliseconds, before they are aborted and given back. */
  readonly drainMs?: number;
  /** Ends when nothing is due any more, instead of waiting for more. */
  readonly untilEmpty?: boolean;
  /** How often the queue is looked at where nothing woke the worker, in milliseconds. */
  readonly pollMs?: number;
};

const DRAIN_MS = 25_000;
const POLL_MS = 5_000;
/** An error that will not go away by itself is tried once more, in case it was a race; not six times. */
const ATTEMPTS_OF_LASTING_ERRORS = 2;
const SETTLE_ATTEMPTS = 10;

/**
 * Runs passes from the queue until `signal` is aborted and the running ones have ended. A pass that fails is queued again
 * or given up by the queue's rules. Never rejects: a queue that cannot be reached is logged and asked again.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  // Aborted later than `signal`: what is under way may finish first.
  const halt = new AbortController();
  const drain = () => {
    const timer = setTimeout(() => halt.abort(options.signal.reason), options.drainMs ?? DRAIN_MS);
    halt.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  };
  if (options.signal.aborted) return;
  options.signal.addEventListener('abort', drain, { once: true });
  const slots = Array.from({ length: options.concurrency }, () => runSlot(options, halt.signal));
  await Promise.all(slots);
  halt.abort();
}

async function runSlot(options: WorkerOptions, halt: AbortSignal): Promise<void> {
  const { queue, log, signal } = options;
  while (!signal.aborted) {
    // Listening before asking: what comes in between is not missed.
    const work = waitForWork(queue, signal, options.pollMs ?? POLL_MS);
    try {
      const job = await queue.claim();
      if (job === null) {
        if (options.untilEmpty === true) return;
        await work.done;
        continue;
      }
      work.stop();
      await runJob(options, job, halt);
    } catch (error) {
      log.error({ err: error }, 'the queue failed; trying again');
      if (options.untilEmpty === true) return;
      await work.done;
    } finally {
      work.stop();
    }
  }
}

async function runJob(options: WorkerOptions, job: ClaimedJob, halt: AbortSignal): Promise<void> {
  const { queue, log } = options;
  const repository = repositoryKey(job.request.repository);
  const lost = new AbortController();
  const heartbeat = setInterval(() => {
    queue.keepAlive(job).then(
      (isOurs) => {
        if (!isOurs) lost.abort(new Error('the job was given to another worker'));
      },
      (error: unknown) => log.warn({ repository, err: error }, 'the queue refused the heartbeat'),
    );
  }, queue.heartbeatMs);
  const started = performance.now();
  const facts = { repository, causes: job.request.causes, attempt: job.attempt };
  log.info(facts, 'pass started');
  try {
    await options.runPass(job.request, AbortSignal.any([halt, lost.signal]));
    await settle(options, () => queue.complete(job));
    log.info({ ...facts, ms: Math.round(performance.now() - started) }, 'pass done');
  } catch (error) {
    if (lost.signal.aborted) log.warn(facts, 'pass abandoned: another worker has it');
    else if (halt.aborted) await giveBack(options, job);
    else await settle(options, () => reportFailure(options, job, error));
  } finally {
    clearInterval(heartbeat);
  }
}

/** Tells the queue how a job ended, again where the queue cannot be reached for a moment: a job must not stay running. */
async function settle({ log, pollMs }: WorkerOptions, tell: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tell();
    } catch (error) {
      const mayPass = error instanceof QueueError && error.temporary && attempt < SETTLE_ATTEMPTS;
      if (!mayPass) throw error;
      log.warn({ err: error }, 'the queue did not record how the pass ended; trying again');
      await setTimeoutPromise(pollMs ?? POLL_MS);
    }
  }
}

async function giveBack({ queue, log }: WorkerOptions, job: ClaimedJob): Promise<void> {
  await queue.release(job);
  log.warn(
    { repository: repositoryKey(job.request.repository) },
    'pass interrupted by the shutdown; it will run again',
  );
}

async function reportFailure({ queue, log }: WorkerOptions, job: ClaimedJob, error: unknown): Promise<void> {
  const isLasting = error instanceof PinwheelError && !error.temporary;
  const retryAt = retryTime(error);
  const outcome = await queue.fail(job, {
    message: messageOf(error),
    final: isLasting && job.attempt >= ATTEMPTS_OF_LASTING_ERRORS,
    ...(retryAt === null ? {} : { retryAfterMs: Math.max(0, retryAt.getTime() - Date.now()) }),
  });
  const facts = { repository: repositoryKey(job.request.repository), attempt: job.attempt, err: error };
  if (outcome === 'dead') log.error(facts, 'pass given up; see the dead letters');
  else log.warn(facts, 'pass failed; it will be retried');
}

/** When the one who refused wants to be asked again, where the error says. */
function retryTime(error: unknown): Date | null {
  if (!(error instanceof Error) || !('retryAt' in error)) return null;
  return error.retryAt instanceof Date ? error.retryAt : null;
}

type Waiting = { readonly done: Promise<void>; stop(): void };

function waitForWork(queue: RotationQueue, signal: AbortSignal, pollMs: number): Waiting {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, pollMs);
  const forget = queue.onWork(resolve);
  const wake = () => resolve();
  signal.addEventListener('abort', wake, { once: true });
  const stop = () => {
    clearTimeout(timer);
    forget();
    signal.removeEventListener('abort', wake);
    resolve();
  };
  return { done: promise, stop };
}
