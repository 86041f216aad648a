import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Deployment, ended } from './deployment.ts';
import type { ExitCode, Io } from './io.ts';

/**
 * Probot's set-up pages, for an App that is not there yet: they make it on GitHub from `app.yml` and write its
 * credentials to `.env` in the working folder. On loopback unless HOST says otherwise: whoever reaches the page may set credentials.
 */
export async function runSetup({ environment, log }: Deployment, io: Io): Promise<ExitCode> {
  const { run } = await import('probot');
  if (!existsSync(join(io.cwd, 'app.yml'))) {
    log.warn(
      {},
      'there is no app.yml here: run this in the folder of Pinwheel, or the new App will get no permissions',
    );
  }
  // Probot reads these from the process itself. Without a relay of one's own there is none: smee.io is a third party.
  process.env['NO_SMEE_SETUP'] ??= 'true';
  // The key that is written is for nobody else.
  process.umask(0o077);
  const host = environment.host ?? '127.0.0.1';
  const server = await run(() => {}, {
    env: { ...io.env, HOST: host, PORT: String(environment.port), WEBHOOK_PATH: environment.webhookPath },
  });
  log.info(
    { url: `http://${server.host}:${server.port}` },
    `no APP_ID: the set-up page is at http://${server.host}:${server.port}/probot; restart when done`,
  );
  await ended(io.signal);
  await server.stop();
  return 0;
}
