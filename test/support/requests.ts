import type { CommandRequest } from '../../src/domain/rotate-command.ts';
import type { Priority, RotationRequest, Scope } from '../../src/queue/request.ts';
import { NOTHING } from '../../src/queue/request.ts';

/** A request for tests: a whole pass by webhook unless told otherwise. */
export function request(
  repository: string,
  init: {
    readonly priority?: Priority;
    readonly scope?: Partial<Scope>;
    readonly commands?: readonly CommandRequest[];
    readonly since?: string | null | undefined;
  } = {},
): RotationRequest {
  const [owner = '', name = ''] = repository.split('/');
  return {
    repository: { owner, name },
    installationId: 1,
    causes: ['webhook'],
    priority: init.priority ?? 'event',
    scope: { ...NOTHING, ...(init.scope ?? { everything: true }) },
    visit: init.since === undefined ? null : { since: init.since, until: '2026-11-20T00:00:00.000Z' },
    commands: init.commands ?? [],
  };
}

/** A comment with the command `status`. */
export function command(commentId: number): CommandRequest {
  return {
    commentId,
    issue: 7,
    onPullRequest: false,
    author: 'ada',
    authorId: 1815,
    commands: [{ kind: 'status' }],
  };
}
