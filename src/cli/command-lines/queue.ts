import { commandLine } from '../command-line.ts';

export const QUEUE = commandLine({
  name: 'queue',
  summary: 'what waits, runs and was given up; try a given-up pass again, or drop it',
  takes: '[OWNER/REPO]',
  maxPositionals: 1000,
  alsoCalled: ['retry ID… | --all', 'drop ID… | --all'],
  about: [
    'What waits and runs in the queue of "serve" or "cron", and the dead letters: passes that were given up, with the reason. "retry" queues them again, "drop" forgets them (the next visit by schedule rotates all the same; only comments go unanswered). Works beside a running server. The queue is the one that PINWHEEL_DATA or DATABASE_URL names.',
  ],
  options: {
    all: { type: 'flag', description: 'every dead letter' },
    json: { type: 'flag', description: 'one JSON document' },
  },
  examples: [],
  exitCodes: 'Exit codes: 0 done, 1 a failure, or an ID that is not there.',
});
