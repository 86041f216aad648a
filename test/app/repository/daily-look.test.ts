import { beforeEach, describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../../src/pass/ports.ts';
import { NOTHING } from '../../../src/queue/request.ts';
import { finding, scanDiffFact } from '../../support/findings.ts';
import { MemoryForgeError } from '../../support/forge/memory-error.ts';
import { TOKEN } from '../../support/forge/memory-forge.ts';
import type { MemoryRepository } from '../../support/forge/memory-repository.ts';
import { NEW, NEWER, OLD, PassWorld, PYTHON } from '../../support/forge/passes.ts';

let world: PassWorld;
let repository: MemoryRepository;

beforeEach(() => {
  world = new PassWorld();
  repository = world.repository;
});

function nextHour(): void {
  world.now = new Date(world.now.getTime() + 3_600_000);
}

function nextDay(): void {
  world.now = new Date(world.now.getTime() + 86_400_000);
}

function theirs(branch = 'feature'): number {
  repository.push(branch, { [`${branch}.txt`]: 'x' });
  return repository.propose(branch);
}

describe('a visit that is not due', () => {
  beforeEach(() => {
    world.due = false;
  });

  it('checks the base and the open pull requests once a day, and opens nothing', async () => {
    const number = theirs();
    await world.visit();
    expect(world.takeChecked()).toEqual(['head main', `pull ${number}`]);
    expect(repository.takeWrites()).toEqual([]);
    nextHour();
    await world.visit();
    expect(world.takeChecked()).toEqual([]);
    nextDay();
    await world.visit();
    expect(world.takeChecked()).toEqual(['head main', `pull ${number}`]);
  });

  it('remembers over a restart what was checked today', async () => {
    theirs();
    await world.visit();
    world.takeChecked();
    world.run = world.runner();
    await world.visit();
    expect(world.takeChecked()).toEqual([]);
  });

  it('looks again the next hour at what an outage left open, until it is settled', async () => {
    const number = theirs();
    world.settled = false;
    await world.visit();
    for (let hour = 0; hour < 2; hour++) {
      world.takeChecked();
      nextHour();
      await world.visit();
      expect(world.takeChecked()).toEqual(['head main', `pull ${number}`]);
    }
    world.settled = true;
    nextHour();
    await world.visit();
    expect(world.takeChecked()).toEqual(['head main', `pull ${number}`]);
    nextHour();
    await world.visit();
    expect(world.takeChecked()).toEqual([]);
  });

  it('does not check again what was checked on its own, nor is it done with the others by that', async () => {
    const [first, second] = [theirs('one'), theirs('two')];
    let checked = 0;
    world.run = world.runner({
      pinChecks: {
        head: async () => true,
        mergeGroup: async () => true,
        pull: async ({ pull }) => {
          checked += 1;
          world.checked.push(`pull ${pull.number}`);
          return checked > 1;
        },
      },
    });
    await world.visit();
    expect(world.takeChecked()).toEqual([`pull ${second}`, `pull ${first}`]);
    nextHour();
    await world.visit();
    expect(world.takeChecked()).toEqual([`pull ${second}`]);
  });

  it('looks at a new head on the same day', async () => {
    await world.visit();
    world.takeChecked();
    repository.push('main', { 'x.txt': 'x' });
    nextHour();
    await world.visit();
    expect(world.takeChecked()).toEqual(['head main']);
  });

  it('checks nothing for an identity that may not write checks', async () => {
    world.identity = TOKEN;
    theirs();
    await world.visit();
    expect(world.takeChecked()).toEqual([]);
  });

  it.each([
    ['for good: it is said, and not tried every hour', new MemoryForgeError('forbidden'), false],
    ['for now: the pass is tried again', new MemoryForgeError('unavailable', true), true],
  ])('goes on where a check is refused %s', async (_, error, isThrown) => {
    world.checkFails = error;
    if (isThrown) await expect(world.visit()).rejects.toBe(error);
    else await world.visit();
    expect(world.logged.some((line) => line.startsWith('the pin check could not be written'))).toBe(
      !isThrown,
    );
    world.checkFails = null;
    nextHour();
    await world.visit();
    expect(world.takeChecked()).toEqual(isThrown ? ['head main'] : []);
  });

  it('stops between two pull requests when it is asked to', async () => {
    const stop = new AbortController();
    theirs('one');
    theirs('two');
    world.run = world.runner({
      pinChecks: {
        head: async () => true,
        mergeGroup: async () => true,
        pull: async ({ pull }) => {
          world.checked.push(`pull ${pull.number}`);
          stop.abort(new Error('stopping'));
          return true;
        },
      },
    });
    const visit = { since: '2026-11-20T08:00:00Z', until: '2026-11-20T09:00:00Z' };
    const request = {
      repository: repository.name,
      installationId: null,
      priority: 'event',
      commands: [],
    } as const;
    await expect(
      world.run({ ...request, causes: ['cron'], scope: NOTHING, visit }, stop.signal),
    ).rejects.toThrow('stopping');
    expect(world.takeChecked()).toHaveLength(1);
  });
});

describe('an urgent fix', () => {
  beforeEach(() => {
    world.due = false;
    world.facts = {
      ...NO_FACTS,
      scan: async ({ repository: image, tag, from, to }) =>
        scanDiffFact(
          { fixed: [finding('CVE-2026-1111', 'openssl', { severity: 'critical' })] },
          { image, tag, from, to },
        ),
    };
    repository.push('main', { 'web/Dockerfile': 'FROM scratch\n' });
  });

  it('is proposed though nothing is due, and makes no other day due', async () => {
    await world.visit();
    expect(repository.openPulls()).toHaveLength(1);
    expect(world.logged.some((line) => line.startsWith('an urgent fix is waiting'))).toBe(true);
    for (let day = 0; day < 2; day++) {
      nextDay();
      repository.takeWrites();
      await world.visit();
      expect(repository.takeWrites()).toEqual([]);
    }
  });

  it('is looked for once a day', async () => {
    world.tags.set(PYTHON, OLD);
    await world.visit();
    const { plans } = world;
    world.tags.set(PYTHON, NEW);
    nextHour();
    await world.visit();
    expect(world.plans).toBe(plans);
    nextDay();
    await world.visit();
    expect(repository.openPulls()).toHaveLength(1);
  });

  it('is looked for again the next hour after an outage', async () => {
    world.outage = true;
    await world.visit();
    expect(repository.openPulls()).toEqual([]);
    world.outage = false;
    nextHour();
    await world.visit();
    expect(repository.openPulls()).toHaveLength(1);
  });

  it('another one is urgent again', async () => {
    await world.visit();
    world.tags.set(PYTHON, NEWER);
    nextDay();
    await world.visit();
    expect(repository.text('pinwheel/all', 'api/Dockerfile')).toContain(NEWER);
  });

  it('that waits for room is still urgent the next day', async () => {
    repository.push('main', {
      '.github/pinwheel.yml': 'groups: image\npullRequests: { perHour: 1 }\n',
      'web/Dockerfile': `FROM nginx:1@${OLD}\n`,
    });
    await world.visit();
    expect(repository.openPulls()).toHaveLength(1);
    nextDay();
    await world.visit();
    expect(repository.openPulls()).toHaveLength(2);
  });
});

describe('after a pass', () => {
  it('checks the base, its own pull request and everybody’s', async () => {
    const number = theirs();
    await world.pass();
    expect(world.takeChecked()).toEqual(['head main', 'pull 2', `pull ${number}`]);
    await world.pass();
    // A push is a reason to check the base again; the pull requests were checked today.
    expect(world.takeChecked()).toEqual(['head main']);
  });

  it('checks a rebuilt head though another was checked today', async () => {
    await world.pass();
    world.takeChecked();
    world.tags.set(PYTHON, NEWER);
    await world.pass();
    expect(world.takeChecked()).toEqual(['head main', 'pull 1']);
  });

  it('by the clock judges the base once a day', async () => {
    await world.pass();
    world.takeChecked();
    await world.visit();
    expect(world.takeChecked()).toEqual([]);
  });
});

describe('what a webhook names', () => {
  it('is checked: other people’s pull requests that are open', async () => {
    const [open, closed] = [theirs('one'), theirs('two')];
    repository.closePull(closed);
    await world.about(open, closed);
    expect(world.takeChecked()).toEqual([`pull ${open}`]);
    expect(repository.openPulls()).toHaveLength(1);
  });

  it('is checked again where somebody asked for the check to be re-run', async () => {
    const number = theirs();
    await world.pass({ priority: 'command', scope: { ...NOTHING, pullRequests: [number] } });
    expect(world.takeChecked()).toEqual([`pull ${number} again`]);
  });

  it('is checked: a merge queue’s branch', async () => {
    repository.push('queue/main/7', {});
    await world.pass({ scope: { ...NOTHING, mergeGroups: ['queue/main/7'] } });
    expect(world.takeChecked()).toEqual(['queue queue/main/7']);
    expect(repository.takeWrites()).toEqual([]);
  });
});
