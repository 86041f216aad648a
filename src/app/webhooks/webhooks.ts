import type { Probot } from 'probot';
import type { Log } from '../../domain/log.ts';
import { repositoryKey } from '../../domain/repository-name.ts';
import type { RotationQueue } from '../../queue/queue.ts';
import { requestsFromWebhook, WEBHOOK_EVENTS } from './from-webhook.ts';
import { recallWatch } from './watch.ts';

export type AppOptions = {
  readonly queue: RotationQueue;
  readonly log: Log;
  /** Whether a file of this path may name an image. */
  readonly isCandidate: (path: string) => boolean;
};

/**
 * The Probot application: each webhook becomes the requests it asks for, durably queued before GitHub gets its answer, and
 * nothing more. Signatures were verified by Probot. A delivery that comes twice is queued once; one that cannot be queued
 * fails, so that GitHub shows it as failed and it can be delivered again.
 */
export function pinwheelApp(options: AppOptions): (app: Probot) => void {
  const { queue, log } = options;
  const context = {
    isCandidate: options.isCandidate,
    watch: (repository: Parameters<typeof recallWatch>[1]) => recallWatch(queue, repository),
  };
  return (app) => {
    app.on([...WEBHOOK_EVENTS], async ({ id, name, payload }) => {
      const requests = await requestsFromWebhook(name, payload, context);
      for (const request of requests) {
        const repository = repositoryKey(request.repository);
        // One delivery may concern several repositories.
        const outcome = await queue.enqueue(request, `${id} ${repository}`);
        log.info({ delivery: id, event: name, repository, outcome }, 'webhook accepted');
      }
    });
  };
}
