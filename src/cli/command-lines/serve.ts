import { commandLine } from '../command-line.ts';

export const SERVE = commandLine({
  name: 'serve',
  summary: 'run the GitHub App: webhooks, /rotate comments, schedule',
  takes: '',
  maxPositionals: 0,
  about: [
    'Runs the GitHub App: receives webhooks, rotates, answers /rotate comments, and visits every repository of its installations on schedule. Configured by the environment (docs/configuration.md) and by .env in the working folder:',
  ],
  terms: [
    [
      'APP_ID, WEBHOOK_SECRET, PRIVATE_KEY or PRIVATE_KEY_PATH',
      'the App; without APP_ID a set-up page starts (docs/operations.md)',
    ],
    ['HOST, PORT', 'where to listen (0.0.0.0 and 3000; port 0: a free one); /healthz, /readyz'],
    ['DATABASE_URL or PINWHEEL_DATA', 'the queue: Postgres, or a folder (default)'],
    ['GITHUB_API_URL or GHE_HOST', 'GitHub Enterprise Server'],
  ],
  options: {},
  notes: [
    'Refuses to start without a webhook secret. SIGTERM and SIGINT drain: running passes may finish (PINWHEEL_DRAIN seconds).',
  ],
  examples: [],
  exitCodes: 'Exit codes: 0 stopped as asked, 1 could not start.',
});
