import { commandLine } from '../command-line.ts';

export const CRON = commandLine({
  name: 'cron',
  summary: 'rotate repositories on GitHub by schedule alone, without webhooks',
  takes: '[OWNER/REPO…]',
  maxPositionals: 1000,
  about: [
    'Rotates by the clock alone: no webhooks, no open port. With App credentials (APP_ID, PRIVATE_KEY) or GITHUB_TOKEN. Which repositories: those named, those of organisations or users, those with a topic; without any, every one that the credentials reach. Each repository\'s own "schedule" says when it is due; PINWHEEL_CRON (hourly), PINWHEEL_TIMEZONE and PINWHEEL_JITTER say how often that is looked at. Several replicas share the work where DATABASE_URL names a Postgres.',
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
        'one visit of all, then end: for a timer of your own (exit code 1 where a pass failed; it is made up for by the next run)',
    },
  },
  examples: [
    'pinwheel cron acme/shop acme/api',
    'pinwheel cron --organisation acme --topic pinwheel',
    "PINWHEEL_CRON='*/30 6-18 * * 1-5' pinwheel cron",
  ],
  exitCodes: 'Exit codes: 0 stopped as asked, or done; 1 a failure.',
});
