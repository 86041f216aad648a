import { commandLine } from '../command-line.ts';

export const CRON = commandLine({
  name: 'cron',
  summary: 'rotate repositories on GitHub on a schedule, without webhooks',
  takes: '[OWNER/REPO…]',
  maxPositionals: 1000,
  about: [
    'Rotates on a schedule alone: no webhooks, no open port. Needs App credentials (APP_ID, PRIVATE_KEY) or GITHUB_TOKEN. Covers the repositories named, those of organisations or users, or those with a topic; without any of these, every repository the credentials can reach. Each repository\'s own "schedule" decides when it is due; PINWHEEL_CRON (default: hourly), PINWHEEL_TIMEZONE and PINWHEEL_JITTER set how often that is checked. Several replicas share the work if DATABASE_URL points to Postgres.',
  ],
  options: {
    organisation: {
      type: 'list',
      value: 'NAME',
      description: 'all repositories of organisations or users (PINWHEEL_ORGANISATIONS)',
    },
    topic: {
      type: 'list',
      value: 'NAME',
      description: 'only repositories with one of these topics (PINWHEEL_TOPICS)',
    },
    once: {
      type: 'flag',
      description:
        'visit each repository once, then exit: for a timer of your own (exit code 1 if a pass failed; the next run catches up)',
    },
  },
  examples: [
    'pinwheel cron acme/shop acme/api',
    'pinwheel cron --organisation acme --topic pinwheel',
    "PINWHEEL_CRON='*/30 6-18 * * 1-5' pinwheel cron",
  ],
  exitCodes: 'Exit codes: 0 stopped as asked, or done; 1 a failure.',
});
