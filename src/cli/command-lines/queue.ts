import { commandLine } from '../command-line.ts';

export const QUEUE = commandLine({
  name: 'queue',
  summary: 'show what is waiting, running and given up; retry a given-up pass, or drop it',
  takes: '[OWNER/REPO]',
  maxPositionals: 1000,
  alsoCalled: ['retry ID… | --all', 'drop ID… | --all'],
  about: [
    'Shows what is waiting and running in the queue of "serve" or "cron", and the dead letters: passes that were given up, with the reason. "retry" queues them again; "drop" deletes them (the next scheduled visit rotates anyway; only comments stay unanswered). Safe to run beside a running server. PINWHEEL_DATA or DATABASE_URL names the queue.',
  ],
  options: {
    all: { type: 'flag', description: 'every dead letter' },
    json: { type: 'flag', description: 'one JSON document' },
  },
  examples: [],
  exitCodes: 'Exit codes: 0 done, 1 a failure, or an unknown ID.',
});
