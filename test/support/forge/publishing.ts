import { isoDate } from '../../../src/domain/ledger-entry.ts';
import type { ForgeIdentity } from '../../../src/forge/types.ts';
import type { PublishContext } from '../../../src/pull-requests/context.ts';
import type { Asked, PublishReport } from '../../../src/pull-requests/outcome.ts';
import { publishPlan } from '../../../src/pull-requests/publish.ts';
import type { PublishSettings } from '../../../src/pull-requests/settings.ts';
import { digestOf, type FakeMove, passOver, reportsOf } from '../fake-pass.ts';
import { NOTHING_ASKED } from '../nothing-asked.ts';
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

  async context(moves: readonly FakeMove[], options: PublishOptions = {}): Promise<PublishContext> {
    const { repository } = this;
    const identity = options.identity ?? APP;
    const commit = repository.git.must('main');
    const files = textsOf(repository.git.files(commit.tree));
    const pass = await passOver(files, moves, this.now, options.unresolved ?? []);
    const settings = options.settings ?? publishSettings();
    return {
      forge: memoryForge(repository, identity),
      identity,
      facts: repository.facts,
      base: { branch: 'main', commit },
      suffix: '',
      pass,
      reportOf: reportsOf(pass, moves),
      byParts: settings.groups.by !== 'all',
      settings,
      asked: options.asked ?? NOTHING_ASKED,
      today: isoDate(this.now),
      warn: () => {},
    };
  }

  /** One pass that wants these moves. */
  async pass(moves: readonly FakeMove[], options: PublishOptions = {}): Promise<PublishReport> {
    const context = await this.context(moves, options);
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
