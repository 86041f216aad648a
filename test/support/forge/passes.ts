import type { PassRunnerOptions } from '../../../src/app/repository/pass-options.ts';
import { createPassRunner } from '../../../src/app/repository/pass-runner.ts';
import { parseComment } from '../../../src/comments/parse.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import type { ForgeIdentity } from '../../../src/forge/types.ts';
import { type FactPorts, NO_FACTS } from '../../../src/pass/ports.ts';
import { EVERYTHING, NOTHING, type PassRunner, type RotationRequest } from '../../../src/queue/request.ts';
import { type Registry, RegistryError } from '../../../src/resolve/registry.ts';
import { digestOf } from '../fake-pass.ts';
import { fakeRegistry } from '../fake-registry.ts';
import { memoryMarks, passOptions } from '../pass-options.ts';
import { planWith } from '../plan-with.ts';
import { APP, memoryForge } from './memory-forge.ts';
import { MemoryRepository } from './memory-repository.ts';

export const OLD = digestOf('a');
export const NEW = digestOf('b');
export const NEWER = digestOf('c');
export const PYTHON = 'docker.io/library/python:3.11';
export const NGINX = 'docker.io/library/nginx:1';

/** A repository in memory, a registry of tags, and whole passes over them, as the queue runs them. */
export class PassWorld {
  now = new Date('2026-11-20T09:00:00Z');
  readonly repository = new MemoryRepository(undefined, () => this.now);
  readonly tags = new Map<string, Digest>([
    [PYTHON, NEW],
    [NGINX, NEW],
  ]);
  readonly marks = new Map<string, string>();
  /** What was checked: `pull 3 again`, `head main`, `queue …`. */
  readonly checked: string[] = [];
  readonly logged: string[] = [];
  identity: ForgeIdentity = APP;
  /** Whether checking finds everything it asks for. */
  settled = true;
  due = true;
  outage = false;
  troubles: readonly string[] = [];
  facts: FactPorts = NO_FACTS;
  /** Thrown by checking. */
  checkFails: Error | null = null;
  /** Tries to plan. */
  plans = 0;
  run: PassRunner = this.runner();

  constructor() {
    this.repository.permissions.set('mona', 'write');
    this.repository.push('main', {
      'api/Dockerfile': `FROM python:3.11@${OLD}\nRUN true\n`,
      'web/Dockerfile': `FROM nginx:1@${OLD}\n`,
    });
  }

  /** As after a restart: what was kept stays, what was remembered is gone. */
  runner(change: Partial<PassRunnerOptions> = {}): PassRunner {
    const registry = this.#registry();
    const log = (fields: object, message?: string): void =>
      void this.logged.push(`${message} ${JSON.stringify(fields)}`);
    const check = async (what: string, again: boolean): Promise<boolean> => {
      if (this.checkFails !== null) throw this.checkFails;
      this.checked.push(again ? `${what} again` : what);
      return this.settled;
    };
    return createPassRunner(
      passOptions({
        openForge: async () => memoryForge(this.repository, this.identity),
        plan: (tree, request) => {
          this.plans += 1;
          return planWith(registry, this.facts)(tree, request);
        },
        pinChecks: {
          pull: ({ pull, again }) => check(`pull ${pull.number}`, again),
          head: ({ base, again }) => check(`head ${base.branch}`, again),
          mergeGroup: ({ branch, again }) => check(`queue ${branch}`, again),
        },
        marks: memoryMarks(this.marks),
        isDue: () => this.due,
        troubles: async () => this.troubles,
        clock: () => this.now,
        log: { debug: log, info: log, warn: log, error: log },
        ...change,
      }),
    );
  }

  async pass(change: Partial<RotationRequest> = {}): Promise<void> {
    const request: RotationRequest = {
      repository: this.repository.name,
      installationId: null,
      causes: ['webhook'],
      priority: 'event',
      scope: EVERYTHING,
      visit: null,
      commands: [],
      ...change,
    };
    await this.run(request, new AbortController().signal);
  }

  /** A visit by the clock. */
  async visit(): Promise<void> {
    const since = new Date(this.now.getTime() - 3_600_000).toISOString();
    const visit = { since, until: this.now.toISOString() };
    await this.pass({ causes: ['cron'], scope: NOTHING, visit });
  }

  /** Something happened to a pull request. */
  async about(...pullRequests: readonly number[]): Promise<void> {
    await this.pass({ scope: { ...NOTHING, pullRequests } });
  }

  /** A person comments, and the pass answers: gives the reply and the reactions. */
  async say(issue: number, body: string, author = 'mona'): Promise<{ reply: string; reactions: string }> {
    const id = this.repository.say(issue, body, author);
    const onPullRequest = this.repository.pulls.some(({ number }) => number === issue);
    const commands = parseComment(body);
    await this.pass({
      causes: ['command'],
      scope: NOTHING,
      commands: [{ commentId: id, issue, onPullRequest, author, authorId: 1, commands }],
    });
    const replies = this.repository.commentsOn(issue).filter((one) => one.body.includes(`reply:${id}`));
    if (replies.length !== 1) throw new Error(`${replies.length} replies to ${body}`);
    return { reply: replies[0]?.body ?? '', reactions: this.repository.reactionsTo(id).join(' ') };
  }

  /** What was checked since the last call. */
  takeChecked(): readonly string[] {
    return this.checked.splice(0);
  }

  #registry(): Registry {
    const fake = fakeRegistry(this.tags);
    return {
      ...fake,
      resolveTag: async (image) => {
        if (this.outage) {
          throw new RegistryError({ code: 'unavailable', message: 'HTTP 503', temporary: true });
        }
        return fake.resolveTag(image);
      },
    };
  }
}
