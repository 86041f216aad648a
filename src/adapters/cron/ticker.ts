import { setTimeout as sleep } from 'node:timers/promises';
import { createTask } from 'node-cron';
import type { Log } from '../../domain/log.ts';

export type TickerOptions = {
  /** Checked before by {@link cronFault}. */
  readonly expression: string;
  /** An IANA time zone. */
  readonly timezone: string;
  /** Each tick begins up to this much later, at random, in milliseconds. */
  readonly jitterMs: number;
  /** What a tick does; `scheduledFor` is the time the expression names. Errors are logged; the next tick comes all the same. */
  readonly onTick: (scheduledFor: Date) => Promise<void>;
  readonly log: Log;
};

export type Ticker = {
  /** Does what a tick does, now, without jitter. */
  tickNow(scheduledFor: Date): Promise<void>;
  /** No further ticks; resolves when one that runs has ended. */
  stop(): Promise<void>;
};

/** Ticks by the clock through node-cron, one at a time: a tick that comes while one runs is left out, and said so. */
export function startTicker(options: TickerOptions): Ticker {
  const { log } = options;
  const stopped = new AbortController();
  let running: Promise<void> | null = null;

  const tick = (scheduledFor: Date, jitterMs: number): Promise<void> => {
    if (running !== null) {
      log.warn(
        { scheduledFor: scheduledFor.toISOString() },
        'the previous tick is still running; skipping this one',
      );
      return running;
    }
    running = waitAndRun(options, scheduledFor, jitterMs, stopped.signal).finally(() => {
      running = null;
    });
    return running;
  };

  const task = createTask(
    options.expression,
    ({ date }) => void tick(date, Math.random() * options.jitterMs),
    { timezone: options.timezone, logger: loggerOf(log) },
  );
  void task.start();
  return {
    tickNow: (scheduledFor) => tick(scheduledFor, 0),
    stop: async () => {
      stopped.abort();
      await task.destroy();
      await running;
    },
  };
}

async function waitAndRun(
  { onTick, log }: TickerOptions,
  scheduledFor: Date,
  jitterMs: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (jitterMs > 0) await sleep(jitterMs, undefined, { signal });
    await onTick(scheduledFor);
  } catch (error) {
    if (!signal.aborted) log.error({ err: error }, 'the tick failed; the next one will catch up');
  }
}

function loggerOf(log: Log) {
  const text = (level: 'debug' | 'warn' | 'error') => (message: string | Error, error?: Error) => {
    const thrown = message instanceof Error ? message : error;
    log[level](thrown === undefined ? {} : { err: thrown }, message instanceof Error ? 'node-cron' : message);
  };
  return { info: text('debug'), debug: text('debug'), warn: text('warn'), error: text('error') };
}
