import { commandLine } from '../command-line.ts';

export const RUN = commandLine({
  name: 'run',
  summary: 'run one pass over repositories on GitHub, now',
  takes: 'OWNER/REPO…',
  maxPositionals: 1000,
  about: [
    'Runs one pass over each repository on GitHub now, whatever its schedule says: rotation pull requests, the ledger, the dashboard. Needs App credentials (APP_ID, PRIVATE_KEY) or GITHUB_TOKEN; uses no queue and no webhooks. Logs to stderr.',
  ],
  options: {},
  examples: [
    'GITHUB_TOKEN=… pinwheel run acme/shop',
    'GITHUB_API_URL=https://git.example.com/api/v3 pinwheel run acme/shop acme/api',
  ],
  exitCodes:
    'Exit codes: 0 done, 1 a pass failed or a repository cannot be read (the others are still done).',
});
