import { beforeEach, describe, expect, it } from 'vitest';
import type { SignatureFact } from '../../src/assess/signature.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { toImagePattern } from '../../src/domain/image-glob.ts';
import type { Pass, PinAnswer } from '../../src/pass/pass.ts';
import type { PassRequest } from '../../src/pass/request.ts';
import type { PinDecision } from '../../src/plan/decision.ts';
import { RegistryError } from '../../src/resolve/registry.ts';
import { digestOf, passOver } from '../support/fake-pass.ts';
import { finding, scanDiffFact } from '../support/findings.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { daysAgo, NOW, World } from './one-answer/world.ts';

let world: World;
let old: Digest;
let fresh: Digest;

beforeEach(() => {
  world = new World();
  old = world.push({ created: 9, seed: 'old' });
  fresh = world.push({ created: 2, seed: 'new' });
  world.pin(old);
});

const COOL = 'policy: {age: {minimum: 3}}\n';
const verified: SignatureFact = {
  status: 'verified',
  method: 'keyless',
  identity: 'a',
  issuer: 'b',
  signedAt: null,
  logged: true,
};

async function answered(
  request: Partial<PassRequest> = {},
): Promise<{ pass: Pass; answer: PinAnswer; decision: PinDecision }> {
  const pass = await world.pass(request);
  const [answer] = pass.answers;
  const [decision] = pass.decisions;
  if (answer === undefined || decision === undefined) throw new Error('no pin');
  return { pass, answer, decision };
}

const codeOf = ({ verdict, reasons }: PinAnswer) => `${verdict} ${reasons[0]?.code}`;

describe('the cool-down', () => {
  beforeEach(() => {
    world.config = COOL;
  });

  const middle = () => world.push({ created: 6, seed: 'middle', tagged: false });

  it.each<[string, () => void, string, 'middle' | null]>([
    [
      'lets an earlier digest through that has settled',
      () => {
        world.seen(old, 9);
        world.seen(middle(), 5);
        world.seen(fresh, 1);
      },
      'rotate newer-digest',
      'middle',
    ],
    [
      'never goes back to what is pinned',
      () => {
        world.seen(old, 9);
        world.seen(old, 5);
        world.seen(fresh, 1);
      },
      'hold cool-down',
      null,
    ],
    [
      'takes no digest from before the pinned one',
      () => {
        world.seen(middle(), 9);
        world.seen(old, 5);
        world.seen(fresh, 1);
      },
      'hold cool-down',
      null,
    ],
    [
      'takes none where nobody knows when the pinned one came',
      () => {
        world.seen(middle(), 9);
        world.seen(fresh, 1);
      },
      'hold cool-down',
      null,
    ],
    [
      'takes none that the settings ignore',
      () => {
        const ignored = middle();
        world.config = `${COOL}ignores: [{image: python, digest: '${ignored}'}]\n`;
        world.seen(old, 9);
        world.seen(ignored, 5);
        world.seen(fresh, 1);
      },
      'hold cool-down',
      null,
    ],
    [
      'takes none that has not settled itself',
      () => {
        world.seen(old, 9);
        world.seen(middle(), 2);
        world.seen(fresh, 1);
      },
      'hold cool-down',
      null,
    ],
  ])('%s', async (_, set, code, adopted) => {
    set();
    const { answer, pass } = await answered();
    expect(codeOf(answer)).toBe(code);
    const expected = adopted === null ? fresh : world.push({ created: 6, seed: 'middle', tagged: false });
    expect(pass.plan.rotations.map(({ to }) => to)).toEqual([expected]);
  });

  it('scans and verifies what is let through in place of the tag’s own', async () => {
    const settled = middle();
    world.seen(old, 9);
    world.seen(settled, 5);
    world.seen(fresh, 1);
    world.scanned({});
    world.signed(() => [verified]);
    const { answer, decision } = await answered();
    expect(answer.scan?.to).toBe(settled);
    expect(answer.judged?.facts.trustAfter?.digest).toBe(settled);
    // Nobody told when an earlier digest was made or first seen; the plan says when it is written.
    expect(decision.after).toMatchObject({ published: null, firstSeen: null, pinnedOn: null });
  });
});

describe('the facts of a move', () => {
  it('are those of the tag’s own digest', async () => {
    world.seen(old, 9);
    world.seen(fresh, 1);
    world.scanned({ fixed: [finding('CVE-2026-1', 'openssl')] });
    world.signed(() => [verified]);
    const { answer, decision } = await answered();
    expect(answer.judged?.facts.firstSeen).toEqual(new Date(NOW.getTime() - 86_400_000));
    expect(answer.scan).toMatchObject({ to: fresh });
    expect(answer.trust?.digest).toBe(old);
    expect(answer.judged?.facts).toMatchObject({
      trustBefore: { digest: old },
      trustAfter: { digest: fresh },
    });
    expect(decision.before).toEqual({
      published: daysAgo(9),
      firstSeen: null,
      pinnedOn: null,
      status: 'fresh',
    });
    expect(decision.after).toEqual({
      published: daysAgo(2),
      firstSeen: daysAgo(1),
      pinnedOn: null,
      status: 'fresh',
    });
  });

  it('say nothing of when it was first seen where nobody saw it before', async () => {
    const { decision } = await answered();
    expect(decision.after).toMatchObject({ firstSeen: null, published: daysAgo(2), status: 'fresh' });
  });

  it('are none where nothing moves', async () => {
    world.pin(fresh);
    world.seen(fresh, 1);
    world.scanned({});
    world.signed(() => [verified]);
    const { answer } = await answered();
    expect(answer).toMatchObject({
      scan: null,
      trust: null,
      findings: null,
      suggestion: null,
      verdict: 'current',
    });
    expect(answer.judged?.facts).toMatchObject({
      firstSeen: null,
      coolDown: null,
      security: null,
      trustBefore: null,
      trustAfter: null,
    });
  });

  it('of a first pin are no scan and no cool-down', async () => {
    world.pin(null);
    world.config = `${COOL}pin: true\n`;
    world.seen(fresh, 1);
    world.scanned({});
    world.signed(() => [verified]);
    const { answer, decision } = await answered();
    expect(codeOf(answer)).toBe('rotate first-pin');
    expect(answer.judged?.facts).toMatchObject({ coolDown: null, security: null, trustBefore: null });
    expect(answer.judged?.facts.trustAfter?.digest).toBe(fresh);
    expect(decision.before).toBeUndefined();
  });

  it('are unknown where the scanner fails, and why is told', async () => {
    world.scanned(null);
    const { answer } = await answered();
    expect(answer.judged?.facts.security).not.toBeNull();
    expect(answer.verdict).toBe('rotate');
  });

  it('are unknown where the scan throws', async () => {
    const [from, to] = [digestOf('a'), digestOf('b')];
    const files = new Map([['Dockerfile', `FROM python:3.11@${from}\nFROM nginx:1@${from}\n`]]);
    const scanned = { image: 'nginx:1', to: digestOf('c'), scan: scanDiffFact({}) };
    const { answers } = await passOver(files, [{ image: 'python:3.11', to }, scanned]);
    const python = answers.find(({ pin }) => pin.image.tag === '3.11');
    expect(python).toMatchObject({ verdict: 'rotate', scan: null });
    expect(JSON.stringify(python?.judged?.facts.security)).toContain(`nothing is known of ${to}`);
  });

  it('are not judged in an outage', async () => {
    world.registry.point(
      '3.11',
      new RegistryError({ code: 'unavailable', message: 'HTTP 503', temporary: true }),
    );
    world.scanned({});
    const { answer, decision } = await answered({ look: 'pins' });
    expect(answer).toMatchObject({ judged: null, scan: null, suggestion: null, verdict: null, reasons: [] });
    expect(decision).toMatchObject({ verdict: 'hold', reasons: [] });
    expect(decision.after).toBeUndefined();
    expect(decision.before?.published).toBe(daysAgo(9));
  });
});

describe('who looks at pins', () => {
  const TRUST = "policy:\n  trust:\n    - image: '**'\n      signers: [{identity: a, issuer: b}]\n";
  const SCAN = 'policy: {stage: baseline}\n';
  it.each<[string, string, PassRequest['look'], boolean, boolean]>([
    ['asks nothing more than the settings want', '', 'pins', false, false],
    ['asks for signatures where a rule wants them', TRUST, 'pins', true, false],
    ['asks for findings where the baseline is enforced', SCAN, 'pins', false, true],
    ['asks for neither where only moves count', TRUST, 'moves', false, false],
    ['asks for no findings where only moves count', SCAN, 'moves', false, false],
  ])('%s: %j', async (_, config, look, trust, findings) => {
    world.pin(fresh);
    world.config = config;
    world.signed(() => [verified]);
    world.scanned({ unchanged: [finding('CVE-2026-1', 'openssl')] });
    const { answer, pass } = await answered({ look });
    expect(answer.trust?.digest ?? null).toBe(trust ? fresh : null);
    expect(answer.findings?.map(({ id }) => id) ?? null).toEqual(findings ? ['CVE-2026-1'] : null);
    expect(pass.gaps).toEqual([]);
  });

  it('is told of each platform that could not be scanned', async () => {
    world.pin(fresh);
    world.config = SCAN;
    world.scanned(null);
    const { answer, pass } = await answered({ look: 'pins' });
    expect(pass.gaps).toMatchObject([
      { code: 'scan-unavailable', subject: 'docker.io/library/python:3.11', temporary: true },
    ]);
    expect(answer.findings).toEqual([]);
  });
});

describe('a tag that moves', () => {
  beforeEach(() => {
    world = new World();
    world.config = 'images: [{match: python, track: patch}]\n';
    old = world.push({ tag: '3.11.6', created: 40 });
    world.pin(old, '3.11.6');
  });

  it.each<[string, () => void, string, readonly string[]]>([
    [
      'decides a rotation',
      () => void world.push({ tag: '3.11.9', created: 3 }),
      'rotate',
      ['newer-tag', 'newer-digest'],
    ],
    [
      'of the same content is a rotation of the tag',
      () => void world.registry.point('3.11.9', old),
      'rotate',
      ['newer-tag', 'up-to-date'],
    ],
    [
      'that is held comes after what holds it',
      () => {
        world.config = 'images: [{match: python, track: patch, hold: {reason: freeze}}]\n';
        world.push({ tag: '3.11.9', created: 3 });
      },
      'hold',
      ['held-by-configuration', 'newer-tag'],
    ],
    [
      'that cannot is told after what decides',
      () => void world.push({ tag: '3.11.9', created: 3, platforms: ['linux/amd64'] }),
      'current',
      ['up-to-date', 'tag-kept'],
    ],
    ['not is not told', () => {}, 'current', ['up-to-date', 'up-to-date']],
  ])('%s', async (_, set, verdict, codes) => {
    set();
    const { answer } = await answered();
    expect(answer.verdict).toBe(verdict);
    expect([answer.reasons[0]?.code, answer.reasons.at(-1)?.code]).toEqual(codes);
  });
});

describe('what a pass asks', () => {
  it('of a repository that stands still: one HEAD for each tag, whoever pins it', async () => {
    world.pin(fresh);
    world.pin(fresh, '3.11', 'b/Dockerfile');
    world.registry.asked.length = 0;
    await world.pass({});
    expect(world.registry.asked).toEqual([expect.stringMatching(/^head /)]);
  });

  it.each<[string, Partial<PassRequest>, boolean, boolean]>([
    ['nothing of a row that is missing, where nothing moves', {}, false, false],
    [
      'when a pin whose row is missing was published, where rows are always wanted',
      { ledger: 'always' },
      false,
      true,
    ],
    ['nothing of a pin that has a row', { ledger: 'always' }, true, false],
  ])('%s', async (_, request, hasRow, isAsked) => {
    world.pin(fresh);
    if (hasRow) world.ledger(fresh, { pinnedOn: 1 });
    world.registry.asked.length = 0;
    const { answer, decision } = await answered(request);
    expect(world.registry.askedFor('blob').length > 0).toBe(isAsked);
    expect(answer.clocks?.published ?? null).toBe(isAsked ? daysAgo(2) : null);
    expect(answer.age?.status ?? null).toBe(isAsked ? 'fresh' : null);
    expect(decision.before?.published ?? null).toBe(isAsked ? daysAgo(2) : null);
  });

  it('the dates of all pins, where one of them moves and so the ledger is written', async () => {
    const still = world.push({ tag: '3.12', created: 5 });
    world.pin(still, '3.12', 'b/Dockerfile');
    const pass = await world.pass({});
    expect(pass.answers.map(({ age }) => age?.since)).toEqual([daysAgo(9), daysAgo(5)]);
    world.config = 'ledger: false\n';
    const without = await world.pass({});
    expect(without.answers.map(({ age }) => age?.since ?? null)).toEqual([daysAgo(9), null]);
  });

  it('nothing of images that nobody named; their rows stay', async () => {
    world.pin(world.push({ tag: '3.12', created: 5 }), '3.12', 'b/Dockerfile');
    const only = (...patterns: readonly string[]) => world.pass({ only: patterns.map(toImagePattern) });
    const tags = ({ answers }: Pass) => answers.map(({ pin }) => pin.image.tag);
    const pass = await only('python:3.12');
    expect(tags(pass)).toEqual(['3.12']);
    expect(pass.kept.map(({ pin }) => pin.image.tag)).toEqual(['3.11']);
    expect(tags(await only('nginx', 'python:3.11'))).toEqual(['3.11']);
    expect(tags(await only('nginx'))).toEqual([]);
  });

  it('of a move of the tag alone since when the digest is there', async () => {
    world.config = 'ledger: false\nimages: [{match: python, track: patch}]\n';
    const same = world.push({ tag: '3.11.6', created: 5 });
    world.pin(same, '3.11.6');
    expect((await answered()).answer.age).toBeNull();
    world.registry.point('3.11.9', same);
    expect((await answered()).answer.age?.since).toBe(daysAgo(5));
  });

  it('once why the tags of an image cannot be listed', async () => {
    world.config = 'images: [{match: python, track: patch}]\n';
    const digest = world.push({ tag: '3.11.6', created: 5 });
    world.pin(digest, '3.11.6');
    world.pin(old, '3.11.6', 'b/Dockerfile');
    world.registry.outage = new RegistryError({ code: 'unavailable', message: 'HTTP 503', temporary: true });
    const { plan } = await world.pass({});
    expect(plan.failures).toMatchObject([{ code: 'unavailable', temporary: true }]);
    expect(plan.failures).toHaveLength(1);
  });

  it.each([
    ['of a pin that a change brings: the image', false, 9],
    ['of a pin that was there: the ledger', true, 30],
  ])('when a digest was published, %s', async (_, isThere, days) => {
    world.ledger(old, { published: 30 });
    const base = memoryTree(isThere ? new Map(world.files) : new Map());
    expect((await answered({ look: 'pins', base })).answer.age?.since).toBe(daysAgo(days));
  });

  it.each<[string, Partial<PassRequest>, string, readonly string[], readonly string[]]>([
    ['of all pins', {}, '', ['3.11', '3.12'], ['rotate', 'current']],
    [
      'also of those without a digest where it is asked to',
      { pin: true },
      '',
      ['3.11', '3.12'],
      ['rotate', 'rotate'],
    ],
    ['as configured', {}, 'pin: true\n', ['3.11', '3.12'], ['rotate', 'rotate']],
    ['not against what is asked', { pin: false }, 'pin: true\n', ['3.11', '3.12'], ['rotate', 'current']],
  ])('%s', async (_, request, config, tags, verdicts) => {
    world.push({ tag: '3.12' });
    world.pin(null, '3.12', 'b/Dockerfile');
    world.config = config;
    const { answers } = await world.pass(request);
    expect(answers.map(({ pin }) => pin.image.tag)).toEqual(tags);
    expect(answers.map(({ verdict }) => verdict)).toEqual(verdicts);
  });
});
