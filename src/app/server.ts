import { randomUUID } from 'node:crypto';
import { createNodeMiddleware, Probot } from 'probot';
import { startTicker } from '../adapters/cron/ticker.ts';
import { startWebhookServer } from '../adapters/http/webhook-server.ts';
import type { Credentials, Environment } from '../config/environment.ts';
import { PinwheelError } from '../domain/errors.ts';
import type { Log } from '../domain/log.ts';
import type { RepositorySource } from '../forge/repository-source.ts';
import type { RotationQueue } from '../queue/queue.ts';
import type { PassRunner } from '../queue/request.ts';
import { reconcile, rememberingVisits } from './reconcile.ts';
import type { ServerLog } from './server-log.ts';
import { pinwheelApp } from './webhooks/webhooks.ts';
import { runWorker } from './worker.ts';

/** Why the server does not start. */
export class ServeError extends PinwheelError<'no-credentials' | 'no-webhook-secret' | 'cannot-listen'> {}

/** All that a running Pinwheel is made of. Whoever makes the parts closes the queue after the server has stopped. */
export type ServerParts = {
  readonly environment: Environment;
  readonly queue: RotationQueue;
  readonly runPass: PassRunner;
  /** The repositories the schedule visits. */
  readonly source: RepositorySource;
  /** Whether a file of this path may name an image. */
  readonly isCandidate: (path: string) => boolean;
  readonly log: ServerLog;
  readonly now?: () => Date;
};

/** Of these, what works without webhooks. */
export type PassParts = Omit<ServerParts, 'isCandidate' | 'log'> & { readonly log: Log };

export type RunningServer = {
  readonly url: string;
  /** Drains: no new webhooks, passes end or are given back, then resolves. */
  stop(): Promise<void>;
};

/**
 * Starts the App: webhooks in, passes out, and the schedule that repairs what webhooks lost. Throws {@link ServeError}
 * where credentials or the webhook secret are missing (Probot would take "development" for one without a word), or the
 * address cannot be had.
 */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { environment, queue, log } = parts;
  const probot = await createProbot(environment, log);
  const app = pinwheelApp({ queue, log, isCandidate: parts.isCandidate });
  const handleWebhook = await createNodeMiddleware(app, { probot, webhooksPath: environment.webhookPath });
  const host = environment.host ?? '0.0.0.0';
  const server = await startWebhookServer({
    host,
    port: environment.port,
    webhookPath: environment.webhookPath,
    handleWebhook,
    isReady: async () => {
      await queue.counts();
      return true;
    },
    log,
  }).catch((error: unknown) => {
    throw cannotListen(host, environment.port, error);
  });
  log.info({ url: server.url, webhooks: environment.webhookPath }, `listening on ${server.url}`);
  const passes = startPasses(parts);
  return {
    url: server.url,
    stop: async () => {
      log.info({}, 'stopping: waiting for running passes');
      server.drain();
      await Promise.all([server.close(), passes.stop()]);
      log.info({}, 'stopped');
    },
  };
}

function cannotListen(host: string, port: number, cause: unknown): ServeError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed';
  const why = code === 'EADDRINUSE' ? 'another program is listening there' : code;
  return new ServeError({
    code: 'cannot-listen',
    message: `cannot listen on ${host} port ${port} (${why}); set HOST and PORT`,
    cause,
  });
}

/** The half that needs no webhooks: the worker and the schedule. Visits begin at once, then by the clock. */
export function startPasses(parts: PassParts): { stop(): Promise<void> } {
  const { environment, queue, source, log } = parts;
  const now = parts.now ?? (() => new Date());
  const stopping = new AbortController();
  const worker = runWorker({
    queue,
    runPass: rememberingVisits(queue, parts.runPass),
    concurrency: environment.concurrency,
    drainMs: environment.drainMs,
    log,
    signal: stopping.signal,
  });
  const holder = randomUUID();
  const ticker = startTicker({
    expression: environment.cron,
    timezone: environment.timezone,
    jitterMs: environment.jitterMs,
    log,
    onTick: async (scheduledFor) => {
      await reconcile({ queue, source, log, now, holder, signal: stopping.signal }, scheduledFor);
    },
  });
  void ticker.tickNow(now());
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all([ticker.stop(), worker]);
    },
  };
}

/** The credentials of an environment that can serve. Throws {@link ServeError}. */
export function assertServable(environment: Environment): Credentials {
  if (environment.credentials === null) {
    throw new ServeError({
      code: 'no-credentials',
      message:
        'no GitHub credentials: set APP_ID and PRIVATE_KEY (or PRIVATE_KEY_PATH); see docs/configuration.md',
    });
  }
  if (environment.webhookSecret === null) {
    throw new ServeError({
      code: 'no-webhook-secret',
      message:
        'WEBHOOK_SECRET is not set: without it, anyone could send webhooks. Set it to the secret on the App page, or run "pinwheel cron", which needs no webhooks',
    });
  }
  return environment.credentials;
}

async function createProbot(environment: Environment, log: ServerLog): Promise<Probot> {
  const credentials = assertServable(environment);
  const identity =
    credentials.kind === 'app'
      ? // Probot only reads webhooks here; the id it is given is never used for a request.
        { appId: Number(credentials.appId) || 1, privateKey: credentials.privateKey.reveal() }
      : { githubToken: credentials.token.reveal() };
  const probot = new Probot({
    ...identity,
    secret: environment.webhookSecret?.reveal() ?? '',
    webhookPath: environment.webhookPath,
    baseUrl: environment.apiUrl,
    // As much of pino as Probot calls.
    log: log as unknown as NonNullable<ConstructorParameters<typeof Probot>[0]>['log'],
  });
  return probot.ready();
}
