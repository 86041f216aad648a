/**
 * A worker process for crash tests: `queue-worker.ts sqlite FOLDER` or `queue-worker.ts postgres URL`. Prints `claimed`
 * and the attempt when a pass starts; the pass never ends.
 */
import { PostgresQueue } from '../../src/adapters/queue/postgres-queue.ts';
import { SqliteQueue } from '../../src/adapters/queue/sqlite-queue.ts';
import { runWorker } from '../../src/app/worker.ts';
import { keptLog } from './log.ts';

const [kind = '', where = ''] = process.argv.slice(2);
const queue =
  kind === 'sqlite'
    ? new SqliteQueue(where)
    : await PostgresQueue.open(where, () => {}, { heartbeatSeconds: 10, superviseSeconds: 1 });
await runWorker({
  queue,
  concurrency: 1,
  log: keptLog(),
  signal: new AbortController().signal,
  runPass: (request) => {
    process.stdout.write(`claimed ${request.commands.length}\n`);
    return new Promise(() => {});
  },
});
