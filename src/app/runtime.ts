import { join } from 'node:path';
import { GitHub } from '../adapters/github/client.ts';
import { objectCaches, openForge } from '../adapters/github/forge.ts';
import { GitHubPinHistory, PinDays } from '../adapters/github/pin-history.ts';
import { seenDigests } from '../adapters/queue/seen-digests.ts';
import { createRegistry } from '../adapters/registry/registry.ts';
import { rememberingContent } from '../adapters/registry/remembered-content.ts';
import { ReadyScanners } from '../adapters/scanner/ready-scanners.ts';
import { SignatureMemory } from '../adapters/signature/remembering-verifier.ts';
import type { PinHistory } from '../assess/age.ts';
import {
  checkHead,
  checkMergeGroup,
  checkPullRequest,
  type PinCheckOptions,
} from '../checks/check-commits.ts';
import type { Credentials, Environment } from '../config/environment.ts';
import { loadRegistrySettings } from '../config/registries.ts';
import { candidatesFor, DEFAULT_RULES } from '../discover/candidates.ts';
import type { Log } from '../domain/log.ts';
import { type RepositoryName, repositoryKey } from '../domain/repository-name.ts';
import { DAY_MS } from '../domain/time.ts';
import { formats } from '../extract/formats/list.ts';
import { gather } from '../pass/gather.ts';
import { passRequest } from '../pass/request.ts';
import type { RotationQueue } from '../queue/queue.ts';
import type { PassRunner } from '../queue/request.ts';
import { isDue } from '../schedule/due.ts';
import { type FactSources, openFacts } from './open-facts.ts';
import type { PassRunnerOptions } from './repository/pass-options.ts';
import { createPassRunner } from './repository/pass-runner.ts';
import { rememberWatch } from './webhooks/watch.ts';

export type RuntimeOptions = {
  readonly environment: Environment;
  readonly credentials: Credentials;
  /** The variables the registry client reads: credentials, proxies, settings files. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly now: () => Date;
  /** Null where passes are run without one. */
  readonly queue: RotationQueue | null;
};

/** What is remembered of registries' content, for all passes. */
const CONTENT_BYTES = 16 * 1024 * 1024;
const SCAN_TIMEOUT_MS = 30 * 60_000;
/** How long a dashboard shows a pass that was given up: it cannot be dismissed there. */
const TROUBLES_SHOWN_MS = 14 * DAY_MS;

/** The real parts of a pass on GitHub, made once for the life of the process. */
export type Runtime = {
  readonly github: GitHub;
  readonly runPass: PassRunner;
  close(): Promise<void>;
};

/** Composes GitHub, registries and the pipeline. Throws where credentials or operator settings cannot be used. */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { environment, variables, log, now, queue } = options;
  const github = new GitHub({ baseUrl: environment.apiUrl, credentials: revealed(options.credentials) });
  const settings = await loadRegistrySettings({ file: null, env: variables });
  const registry = rememberingContent(createRegistry({ settings, env: variables }), CONTENT_BYTES);
  const caches = objectCaches();
  const sources: FactSources = {
    registry,
    registrySettings: settings,
    env: variables,
    cwd: process.cwd(),
    cacheFolder: join(environment.dataFolder, 'cache'),
    now,
    seen: queue === null ? null : seenDigests(queue),
    scanners: new ReadyScanners(),
    signatures: new SignatureMemory(now),
  };
  const pinDays = new PinDays();
  const historyOf = async ({ owner, name }: RepositoryName, ref: string): Promise<PinHistory> => {
    const octokit = await github.repository(owner, name);
    return new GitHubPinHistory(octokit, { owner, name }, ref, pinDays);
  };
  const checking: PinCheckOptions = {
    ports: async ({ tree, trusted, branch }, config, forge) => ({
      tree,
      registry,
      facts: await openFacts(sources, trusted, config, AbortSignal.timeout(SCAN_TIMEOUT_MS)),
      history: await historyOf(forge.repository, branch),
    }),
    now,
  };
  const runPass = createPassRunner({
    openForge: (repository, installationId) => openForge(github, repository, installationId, caches),
    plan: async (tree, { config, organisation, now: asOf, repository, commit, signal }) => {
      const facts = await openFacts(sources, tree, config, signal);
      const history = await historyOf(repository, commit);
      return gather({ tree, registry, facts, history }, config, passRequest(asOf, { organisation }));
    },
    pinChecks: {
      pull: ({ forge, pull, ...settings }) => checkPullRequest(checking, forge, pull, settings),
      head: ({ forge, base, ...settings }) => checkHead(checking, forge, base, settings),
      mergeGroup: ({ forge, branch, ...settings }) => checkMergeGroup(checking, forge, branch, settings),
    },
    clock: now,
    log,
    isDue: (config, visit, repository) => isDue(config.schedule, visit, repositoryKey(repository)),
    ...(queue === null ? withoutQueue() : queueHooks(queue, now)),
  });
  return { github, runPass, close: () => registry.close() };
}

/** Whether a file of this path may name an image, whatever a repository configures. */
export function isCandidatePath(): (path: string) => boolean {
  const candidates = candidatesFor(formats, DEFAULT_RULES);
  return (path) => candidates.formatsOf(path).length > 0;
}

type QueueHooks = Pick<PassRunnerOptions, 'marks' | 'onSettings' | 'troubles'>;

/** One pass at a call of the command line: nothing is to be remembered beyond it. */
function withoutQueue(): QueueHooks {
  const marks = new Map<string, string>();
  return {
    marks: {
      mark: async (name) => marks.get(name) ?? null,
      setMark: async (name, text) => void marks.set(name, text),
    },
    onSettings: async () => {},
    troubles: async () => [],
  };
}

function queueHooks(queue: RotationQueue, now: () => Date): QueueHooks {
  return {
    marks: queue,
    onSettings: (repository, config) =>
      rememberWatch(queue, repository, {
        branches: config.branches,
        include: [...config.files.include, ...config.managers.flatMap((manager) => manager.files)],
        ledger: config.ledger.path,
      }),
    troubles: async (repository) => {
      const letters = await queue.deadLetters(repositoryKey(repository));
      const since = new Date(now().getTime() - TROUBLES_SHOWN_MS).toISOString();
      const recent = letters.filter((letter) => letter.failedAt >= since);
      return recent.map((letter) => `Given up on ${letter.failedAt.slice(0, 10)}: ${letter.message}`);
    },
  };
}

function revealed(credentials: Credentials) {
  return credentials.kind === 'app'
    ? { kind: 'app' as const, appId: credentials.appId, privateKey: credentials.privateKey.reveal() }
    : { kind: 'token' as const, token: credentials.token.reveal() };
}
