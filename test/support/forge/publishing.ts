import { isoDate } from '../../../src/domain/ledger-entry.ts';
import type { ForgeIdentity } from '../../../src/forge/types.ts';
import type { PublishContext } from '../../../src/pull-requests/context.ts';
import { type Asked, NOTHING_ASKED, type PublishReport } from '../../../src/pull-requests/planned-pass.ts';
import { publishPlan } from '../../../src/pull-requests/publish.ts';
import type { PublishSettings } from '../../../src/pull-requests/settings.ts';
import { digestOf, type FakeMove, plannedPass } from '../planned-pass.ts';
import { publishSettings } from '../publish-settings.ts';
import { APP, memoryForge } from './memory-forge.ts';
import { textsOf } from './memory-git.ts';
import { MemoryRepository } from './memory-repository.ts';

export const OLD = digestOf('a');
export const NEW = digestOf('b');
export const NEWER = digestOf('c');

export const python = (to = NEW, report: FakeMove['report'] = {}): FakeMove => ({
  image: 'python:3.11',
  to,
  report,
});
export const nginx = (to = NEW, report: FakeMove['report'] = {}): FakeMove => ({
  image: 'nginx:1',
  to,
  report,
});

export type PublishOptions = {
  readonly settings?: PublishSettings;
  readonly asked?: Asked;
  readonly identity?: ForgeIdentity;
  /** Images that could not be looked up. */
  readonly unresolved?: readonly string[];
  /** Branches that something happened to. */
  readonly branches?: readonly string[];
};

/** A repository in memory with two images, and passes over it. Time goes by only when `now` is set. */
export class PublishingWorld {
  now = new Date('2026-11-20T09:00:00Z');
  readonly repository = new MemoryRepository(undefined, () => this.now);

  constructor() {
    this.repository.push('main', {
      'api/Dockerfile': `FROM python:3.11@${OLD}\r\nRUN true\r\n`,
      'web/Dockerfile': { mode: '100755', bytes: Buffer.from(`FROM nginx:1@${OLD}\n`) },
    });
  }

  context(moves: readonly FakeMove[], options: PublishOptions = {}): PublishContext {
    const { repository } = this;
    const identity = options.identity ?? APP;
    const commit = repository.git.must('main');
    const pass = plannedPass(textsOf(repository.git.files(commit.tree)), moves);
    return {
      forge: memoryForge(repository, identity),
      identity,
      facts: repository.facts,
      base: { branch: 'main', commit },
      suffix: '',
      pass: { ...pass, unresolved: new Set(options.unresolved) },
      settings: options.settings ?? publishSettings(),
      asked: options.asked ?? NOTHING_ASKED,
      today: isoDate(this.now),
      warn: () => {},
    };
  }

  /** One pass that wants these moves. */
  async pass(moves: readonly FakeMove[], options: PublishOptions = {}): Promise<PublishReport> {
    const context = this.context(moves, options);
    const ownIssues = await context.forge.ownIssues();
    return publishPlan(context, { ownIssues, branches: options.branches ?? [], now: this.now });
  }

  /** The statuses that one pass ends with. */
  async statuses(moves: readonly FakeMove[], options: PublishOptions = {}): Promise<readonly string[]> {
    return (await this.pass(moves, options)).outcomes.map(({ status }) => status);
  }
}

/** One pull request an image, with other limits. */
export function byImage(change: Partial<PublishSettings['pullRequests']> = {}): PublishSettings {
  const defaults = publishSettings();
  return publishSettings({
    groups: { by: 'image', named: [] },
    pullRequests: { ...defaults.pullRequests, ...change },
  });
}
