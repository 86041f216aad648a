import { describe, expect, it } from 'vitest';
import type { SignatureFact } from '../../../src/assess/signature.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import { allChanges } from '../../../src/pass/rotate.ts';
import { RegistryError } from '../../../src/resolve/registry.ts';
import { finding } from '../../support/findings.ts';
import {
  type Asked,
  ageSentence,
  checkRunSays,
  checkSays,
  dashboardSays,
  explainSays,
  ledgerSays,
  pullRequestSays,
  rotateSays,
} from './views.ts';
import { daysAgo, World } from './world.ts';

/** Status, age in days, the clock that counted, limit in days, verdict, the deciding reason. */
type Want = readonly [
  status: string | null,
  days: number | null,
  basis: 'published' | 'first seen' | 'pinned on' | null,
  limit: number | null,
  verdict: string | null,
  code: string | null,
];

type Situation = {
  /** Sets the world up; gives the pin that is asked about, python:3.11 where no tag is named. */
  readonly set: (world: World) => Digest | null | Asked;
  /** Null: there is no such pin for any view. */
  readonly want: Want | null;
};

const pinned =
  (created: number | null, more: (world: World, old: Digest) => void = () => {}) =>
  (world: World): Digest => {
    const old = world.push({ created, seed: 'old' });
    world.pin(old);
    more(world, old);
    return old;
  };
/** Pinned, and the tag moved on to an image of two days ago. */
const moved =
  (created: number | null, more: (world: World, old: Digest, fresh: Digest) => void = () => {}) =>
  (world: World): Digest => {
    const old = world.push({ created, seed: 'old' });
    const fresh = world.push({ seed: 'new' });
    world.pin(old);
    more(world, old, fresh);
    return old;
  };
const configured =
  (config: string) =>
  (world: World): void => {
    world.config = config;
  };
const critical = { severity: 'critical' } as const;
const verified: SignatureFact = {
  status: 'verified',
  method: 'keyless',
  identity: 'a',
  issuer: 'b',
  signedAt: null,
  logged: true,
};
const TRUST =
  "policy:\n  stage: provenance\n  trust:\n    - image: '**'\n      signers: [{identity: a, issuer: b}]\n";
const outage = (temporary: boolean): RegistryError =>
  new RegistryError({
    code: temporary ? 'unavailable' : 'not-found',
    message: 'registry.test: no answer',
    temporary,
  });
const exception = (expires: string): string =>
  `policy:\n  severity: {critical: exception}\n  exceptions:\n    - {id: CVE-2026-1, image: python, reason: r, by: me, expires: ${expires}}\n`;

/** Situations by name. `published` and the like: the clock that counts. */
const TABLE: Readonly<Record<string, Situation>> = {
  'current and fresh': { set: pinned(5), want: ['fresh', 5, 'published', 14, 'current', 'up-to-date'] },
  'current and ageing': { set: pinned(12), want: ['ageing', 12, 'published', 14, 'current', 'up-to-date'] },
  'on its last day': { set: pinned(14), want: ['ageing', 14, 'published', 14, 'current', 'up-to-date'] },
  stagnant: { set: pinned(40), want: ['stagnant', 40, 'published', 14, 'current', 'up-to-date'] },
  'moved on, fresh': { set: moved(5), want: ['fresh', 5, 'published', 14, 'rotate', 'newer-digest'] },
  'moved on, on its last day': {
    set: moved(14),
    want: ['ageing', 14, 'published', 14, 'rotate', 'newer-digest'],
  },
  expired: { set: moved(15), want: ['expired', 15, 'published', 14, 'rotate', 'newer-digest'] },
  'expired long ago': { set: moved(400), want: ['expired', 400, 'published', 14, 'rotate', 'newer-digest'] },

  'an unbelievable date, the ledger saw it': {
    set: moved(null, (world, old) => world.ledger(old, { firstSeen: 12, pinnedOn: 10 })),
    want: ['ageing', 12, 'first seen', 14, 'rotate', 'newer-digest'],
  },
  'an unbelievable date, the history knows it': {
    set: moved(null, (world, old) => world.pinnedSince(old, 20)),
    want: ['expired', 20, 'pinned on', 14, 'rotate', 'newer-digest'],
  },
  'an unbelievable date, current, the history knows it': {
    set: pinned(null, (world, old) => world.pinnedSince(old, 20)),
    want: ['stagnant', 20, 'pinned on', 14, 'current', 'up-to-date'],
  },
  'nothing is known of its age': {
    set: moved(null),
    want: ['unknown', null, null, 14, 'rotate', 'newer-digest'],
  },
  'nothing is known, and nothing moves': {
    set: pinned(null),
    want: ['unknown', null, null, 14, 'current', 'up-to-date'],
  },
  'made in the future': {
    set: moved(-30, (world, old) => world.pinnedSince(old, 3)),
    want: ['fresh', 3, 'pinned on', 14, 'rotate', 'newer-digest'],
  },
  'published after it was pinned: not believed': {
    set: moved(3, (world, old) => world.pinnedSince(old, 30)),
    want: ['expired', 30, 'pinned on', 14, 'rotate', 'newer-digest'],
  },
  'the ledger has its day': {
    set: moved(5, (world, old) => world.ledger(old, { published: 30, firstSeen: 29, pinnedOn: 28 })),
    want: ['expired', 30, 'published', 14, 'rotate', 'newer-digest'],
  },
  'the ledger has its day, and nothing moves': {
    set: pinned(5, (world, old) => world.ledger(old, { published: 30 })),
    want: ['stagnant', 30, 'published', 14, 'current', 'up-to-date'],
  },
  'the ledger does not know its day, the image does': {
    set: moved(9, (world, old) => world.ledger(old, { firstSeen: 8, pinnedOn: 8 })),
    want: ['fresh', 9, 'published', 14, 'rotate', 'newer-digest'],
  },
  'a comment gives the day': {
    set: (world) => {
      const old = world.push({ created: null, seed: 'old' });
      world.push({ seed: 'new' });
      world.file('Dockerfile', `# python:3.11 (pinned ${daysAgo(18)})\nFROM python:3.11@${old}\n`);
      return old;
    },
    want: ['expired', 18, 'pinned on', 14, 'rotate', 'newer-digest'],
  },
  'a hand-written table gives the day': {
    set: moved(null, (world, old) =>
      world.file(
        'BASE_IMAGE_DIGESTS.md',
        `| Image | Tag | Digest | Pinned |\n|---|---|---|---|\n| python | 3.11 | ${old} | ${daysAgo(25)} |\n`,
      ),
    ),
    want: ['expired', 25, 'pinned on', 14, 'rotate', 'newer-digest'],
  },

  'the ledger saw it after it was pinned': {
    set: moved(null, (world, old) => {
      world.ledger(old, { firstSeen: 0 });
      world.pinnedSince(old, 30);
    }),
    want: ['expired', 30, 'first seen', 14, 'rotate', 'newer-digest'],
  },
  'the ledger saw it after it was pinned, and that day counts': {
    set: moved(null, (world, old) => {
      world.config = 'policy: {age: {basis: [first-seen]}}\n';
      world.ledger(old, { firstSeen: 0 });
      world.pinnedSince(old, 30);
    }),
    want: ['expired', 30, 'first seen', 14, 'rotate', 'newer-digest'],
  },
  'the ledger says that it was published after it was pinned': {
    set: moved(40, (world, old) => world.ledger(old, { published: 1, firstSeen: 39, pinnedOn: 38 })),
    want: ['expired', 40, 'published', 14, 'rotate', 'newer-digest'],
  },
  'the ledger says 1970': {
    set: moved(40, (world, old) => world.ledger(old, { published: 20_777, firstSeen: 39, pinnedOn: 38 })),
    want: ['expired', 40, 'published', 14, 'rotate', 'newer-digest'],
  },

  'no maximum age': {
    set: moved(400, configured('policy: {age: {maximum: false}}\n')),
    want: ['fresh', 400, 'published', null, 'rotate', 'newer-digest'],
  },
  'a maximum of its own': {
    set: moved(5, configured('images: [{match: python, maximumAge: 3}]\n')),
    want: ['expired', 5, 'published', 3, 'rotate', 'newer-digest'],
  },
  'counted from when it was pinned': {
    set: moved(40, (world, old) => {
      world.pinnedSince(old, 6);
      world.config = 'policy: {age: {basis: [pinned-on, published]}}\n';
    }),
    want: ['fresh', 6, 'pinned on', 14, 'rotate', 'newer-digest'],
  },
  'the organisation locks a shorter age': {
    set: moved(10, (world) => {
      world.config = 'policy: {age: {maximum: 60}}\n';
      world.organisation = 'policy: {enforced: [age], age: {maximum: 7}}\n';
    }),
    want: ['expired', 10, 'published', 7, 'rotate', 'newer-digest'],
  },

  held: {
    set: moved(5, configured('images: [{match: python, hold: {until: 2026-12-24, reason: freeze}}]\n')),
    want: ['fresh', 5, 'published', 14, 'hold', 'held-by-configuration'],
  },
  'held past its age': {
    set: moved(40, configured('holds: [{image: python, reason: freeze}]\n')),
    want: ['expired', 40, 'published', 14, 'hold', 'held-by-configuration'],
  },
  'held until yesterday': {
    set: moved(5, configured(`holds: [{image: python, until: ${daysAgo(1)}}]\n`)),
    want: ['fresh', 5, 'published', 14, 'rotate', 'newer-digest'],
  },
  'held, and nothing to move to': {
    set: pinned(5, configured('holds: [{image: python}]\n')),
    want: ['fresh', 5, 'published', 14, 'current', 'up-to-date'],
  },
  'its newer digest is ignored': {
    set: moved(20, (world, _, fresh) => {
      world.config = `ignores: [{image: python, digest: '${fresh}'}]\n`;
    }),
    want: ['expired', 20, 'published', 14, 'hold', 'ignored-by-configuration'],
  },
  ignored: { set: moved(40, configured('ignores: [{image: python}]\n')), want: null },
  'ignored by its tag': { set: moved(40, configured("ignores: [{image: 'python:3.11'}]\n")), want: null },
  'of another registry than those looked up': {
    set: moved(40, configured('registries: {only: [ghcr.io]}\n')),
    want: null,
  },

  'in its cool-down': {
    set: moved(5, (world, old, fresh) => {
      world.config = 'policy: {age: {minimum: 3}}\n';
      world.seen(old, 5);
      world.seen(fresh, 1);
    }),
    want: ['fresh', 5, 'published', 14, 'hold', 'cool-down'],
  },
  'its cool-down is over': {
    set: moved(5, (world, old, fresh) => {
      world.config = 'policy: {age: {minimum: 3}}\n';
      world.seen(old, 5);
      world.seen(fresh, 4);
    }),
    want: ['fresh', 5, 'published', 14, 'rotate', 'newer-digest'],
  },
  'an earlier digest has settled': {
    set: moved(9, (world, old, fresh) => {
      world.config = 'policy: {age: {minimum: 3}}\n';
      world.seen(old, 9);
      world.seen(world.push({ created: 6, seed: 'middle', tagged: false }), 5);
      world.seen(fresh, 1);
    }),
    want: ['fresh', 9, 'published', 14, 'rotate', 'newer-digest'],
  },
  'a fix skips the cool-down': {
    set: moved(5, (world, _, fresh) => {
      world.config = 'policy: {age: {minimum: 3}}\n';
      world.seen(fresh, 1);
      world.scanned({ fixed: [finding('CVE-2026-1', 'openssl', critical)] });
    }),
    want: ['fresh', 5, 'published', 14, 'rotate', 'newer-digest'],
  },
  'the maximum wins over the cool-down': {
    set: moved(40, (world, _, fresh) => {
      world.config = 'policy: {age: {minimum: 3}}\n';
      world.seen(fresh, 1);
    }),
    want: ['expired', 40, 'published', 14, 'rotate', 'newer-digest'],
  },
  'the cool-down wins over the maximum': {
    set: moved(40, (world, _, fresh) => {
      world.config = 'policy: {age: {minimum: 3, pastMaximum: hold}}\n';
      world.seen(fresh, 1);
    }),
    want: ['expired', 40, 'published', 14, 'hold', 'cool-down'],
  },
  settling: {
    set: moved(5, (world, _, fresh) => {
      world.config = 'policy: {settle: 1}\n';
      world.seen(fresh, 0);
    }),
    want: ['fresh', 5, 'published', 14, 'hold', 'settling'],
  },

  'a new critical': {
    set: moved(20, (world) => world.scanned({ introduced: [finding('CVE-2026-1', 'openssl', critical)] })),
    want: ['expired', 20, 'published', 14, 'block', 'introduced-vulnerability'],
  },
  'a new critical, and more of them fixed': {
    set: moved(20, (world) =>
      world.scanned({
        introduced: [finding('CVE-2026-1', 'openssl', critical)],
        fixed: [finding('CVE-2026-2', 'zlib', critical), finding('CVE-2026-3', 'curl', critical)],
      }),
    ),
    want: ['expired', 20, 'published', 14, 'rotate', 'newer-digest'],
  },
  'an exception is missing': {
    set: moved(5, (world) => {
      world.config = 'policy: {severity: {critical: exception}}\n';
      world.scanned({ introduced: [finding('CVE-2026-1', 'openssl', critical)] });
    }),
    want: ['fresh', 5, 'published', 14, 'block', 'exception-missing'],
  },
  'an exception is recorded': {
    set: moved(5, (world) => {
      world.config = exception('2026-12-31');
      world.scanned({ introduced: [finding('CVE-2026-1', 'openssl', critical)] });
    }),
    want: ['fresh', 5, 'published', 14, 'rotate', 'newer-digest'],
  },
  'an exception has ended': {
    set: moved(5, (world) => {
      world.config = exception(daysAgo(1));
      world.scanned({ introduced: [finding('CVE-2026-1', 'openssl', critical)] });
    }),
    want: ['fresh', 5, 'published', 14, 'block', 'exception-expired'],
  },
  'nothing could be scanned': {
    set: moved(5, (world) => world.scanned(null)),
    want: ['fresh', 5, 'published', 14, 'rotate', 'newer-digest'],
  },
  'nothing could be scanned, and that is not enough': {
    set: moved(5, (world) => {
      world.config = 'policy: {severity: {withoutScan: hold}}\n';
      world.scanned(null);
    }),
    want: ['fresh', 5, 'published', 14, 'hold', 'scan-unavailable'],
  },

  unsigned: {
    set: moved(5, (world) => {
      world.config = TRUST;
      world.signed(() => []);
    }),
    want: ['fresh', 5, 'published', 14, 'block', 'signature-missing'],
  },
  signed: {
    set: moved(5, (world) => {
      world.config = TRUST;
      world.signed(() => [verified]);
    }),
    want: ['fresh', 5, 'published', 14, 'rotate', 'newer-digest'],
  },
  'unsigned, only shown': {
    set: moved(5, (world) => {
      world.config = TRUST.replace('provenance', 'monitor');
      world.signed(() => []);
    }),
    want: ['fresh', 5, 'published', 14, 'rotate', 'newer-digest'],
  },
  'a signature is lost': {
    set: moved(5, (world, old) => {
      world.config = 'policy: {lostSignature: block}\n';
      world.signed((digest) => (digest === old ? [verified] : []));
    }),
    want: ['fresh', 5, 'published', 14, 'block', 'signature-lost'],
  },
  'nobody verifies what a rule wants verified': {
    set: moved(5, configured(TRUST)),
    want: ['fresh', 5, 'published', 14, 'block', 'rule-not-evaluable'],
  },

  'a platform is lost': {
    set: (world) => {
      const old = world.push({ created: 20, seed: 'old' });
      world.push({ seed: 'new', platforms: ['linux/amd64'] });
      world.pin(old);
      return old;
    },
    want: ['expired', 20, 'published', 14, 'hold', 'lost-platform'],
  },
  'a platform is lost, which is allowed': {
    set: (world) => {
      world.config = 'policy: {allowLostPlatforms: true}\n';
      const old = world.push({ created: 20, seed: 'old' });
      world.push({ seed: 'new', platforms: ['linux/amd64'] });
      world.pin(old);
      return old;
    },
    want: ['expired', 20, 'published', 14, 'rotate', 'newer-digest'],
  },
  'a platform is lost that nobody needs': {
    set: (world) => {
      world.config = 'images: [{match: python, platforms: [linux/amd64]}]\n';
      const old = world.push({ created: 5, seed: 'old' });
      world.push({ seed: 'new', platforms: ['linux/amd64'] });
      world.pin(old);
      return old;
    },
    want: ['fresh', 5, 'published', 14, 'rotate', 'newer-digest'],
  },
  'one platform is pinned, and followed': {
    set: (world) => {
      world.push({ created: 5, seed: 'old' });
      world.push({ seed: 'new' });
      const old = world.manifest('old', 'linux/arm64');
      world.pin(old);
      world.pinnedSince(old, 4);
      return old;
    },
    want: ['fresh', 4, 'pinned on', 14, 'rotate', 'newer-digest'],
  },
  'one platform is pinned, and gone': {
    set: (world) => {
      world.push({ created: 5, seed: 'old' });
      world.push({ seed: 'new', platforms: ['linux/amd64'] });
      const old = world.manifest('old', 'linux/arm64');
      world.pin(old);
      world.pinnedSince(old, 20);
      return old;
    },
    want: ['expired', 20, 'pinned on', 14, 'hold', 'platform-gone'],
  },
  'another index of the same content': {
    set: (world) => {
      const old = world.push({ created: 5, seed: 'old' });
      world.registry.point('3.11', world.registry.alias(old, `${old.slice(0, -4)}0000` as Digest));
      world.pin(old);
      return old;
    },
    want: ['fresh', 5, 'published', 14, 'current', 'index-churn'],
  },
  'its digest is gone from the registry': {
    set: moved(5, (world, old) => {
      world.registry.remove(old);
      world.pinnedSince(old, 20);
    }),
    want: ['expired', 20, 'pinned on', 14, 'rotate', 'newer-digest'],
  },

  'its tag is gone': {
    set: pinned(5, (world) => world.registry.point('3.11', outage(false))),
    want: ['fresh', 5, 'published', 14, null, null],
  },
  'an outage': {
    set: pinned(5, (world) => world.registry.point('3.11', outage(true))),
    want: ['fresh', 5, 'published', 14, null, null],
  },
  'an outage past its age': {
    set: pinned(40, (world) => world.registry.point('3.11', outage(true))),
    want: ['unknown', 40, 'published', 14, null, null],
  },

  'a newer tag': {
    set: (world) => {
      world.config = 'images: [{match: python, track: patch}]\n';
      const digest = world.push({ tag: '3.11.6', created: 40 });
      world.push({ tag: '3.11.9', created: 3 });
      world.pin(digest, '3.11.6');
      return { tag: '3.11.6', digest };
    },
    want: ['expired', 40, 'published', 14, 'rotate', 'newer-tag'],
  },
  'a newer tag of the same content': {
    set: (world) => {
      world.config = 'images: [{match: python, track: patch}]\n';
      const digest = world.push({ tag: '3.11.6', created: 5 });
      world.registry.point('3.11.9', digest);
      world.pin(digest, '3.11.6');
      return { tag: '3.11.6', digest };
    },
    want: ['fresh', 5, 'published', 14, 'rotate', 'newer-tag'],
  },
  'a newer tag, held': {
    set: (world) => {
      world.config = 'images: [{match: python, track: patch, hold: {reason: freeze}}]\n';
      const digest = world.push({ tag: '3.11.6', created: 40 });
      world.push({ tag: '3.11.9', created: 3 });
      world.pin(digest, '3.11.6');
      return { tag: '3.11.6', digest };
    },
    want: ['expired', 40, 'published', 14, 'hold', 'held-by-configuration'],
  },
  'a newer tag of the same content, held': {
    set: (world) => {
      world.config = 'images: [{match: python, track: patch, hold: {reason: freeze}}]\n';
      const digest = world.push({ tag: '3.11.6', created: 5 });
      world.registry.point('3.11.9', digest);
      world.pin(digest, '3.11.6');
      return { tag: '3.11.6', digest };
    },
    want: ['fresh', 5, 'published', 14, 'hold', 'held-by-configuration'],
  },
  'a newer tag of the same content, which is not trusted': {
    set: (world) => {
      world.config = `images: [{match: python, track: patch}]\n${TRUST.replace("'**'", "'python:3.11.9'")}`;
      world.signed(() => []);
      const digest = world.push({ tag: '3.11.6', created: 5 });
      world.registry.point('3.11.9', digest);
      world.pin(digest, '3.11.6');
      return { tag: '3.11.6', digest };
    },
    want: ['fresh', 5, 'published', 14, 'block', 'signature-missing'],
  },
  'no newer tag has its platforms': {
    set: (world) => {
      world.config = 'images: [{match: python, track: patch}]\n';
      const digest = world.push({ tag: '3.11.6', created: 40 });
      world.push({ tag: '3.11.9', created: 3, platforms: ['linux/amd64'] });
      world.pin(digest, '3.11.6');
      return { tag: '3.11.6', digest };
    },
    want: ['stagnant', 40, 'published', 14, 'current', 'up-to-date'],
  },
  'its tags cannot be listed': {
    set: (world) => {
      world.config = 'images: [{match: python, track: patch}]\n';
      const digest = world.push({ tag: '3.11.6', created: 40 });
      world.registry.outage = outage(true);
      world.pin(digest, '3.11.6');
      return { tag: '3.11.6', digest };
    },
    want: ['unknown', 40, 'published', 14, 'current', 'up-to-date'],
  },

  unpinned: {
    set: (world) => {
      world.push({});
      world.pin(null);
      return null;
    },
    want: [null, null, null, null, 'current', 'pinning-off'],
  },
  'unpinned, to be pinned': {
    set: (world) => {
      world.config = 'pin: true\n';
      world.push({});
      world.pin(null);
      return null;
    },
    want: [null, null, null, null, 'rotate', 'first-pin'],
  },
  'unpinned, to be pinned by a rule': {
    set: (world) => {
      world.config = 'images: [{match: python, pin: true}]\n';
      world.push({});
      world.pin(null);
      return null;
    },
    want: [null, null, null, null, 'rotate', 'first-pin'],
  },

  'at many places': {
    set: moved(20, (world, old) => {
      world.pin(old, '3.11', 'a/Dockerfile');
      world.file('compose.yaml', `services:\n  db:\n    image: python:3.11@${old}\n`);
    }),
    want: ['expired', 20, 'published', 14, 'rotate', 'newer-digest'],
  },
  'a build argument that its injector contradicts': {
    set: moved(20, (world, old) => {
      const other = world.push({ created: 8, seed: 'other', tagged: false });
      world.file('Dockerfile', `ARG BASE=python:3.11@${old}\nFROM \${BASE}\n`);
      world.file(
        'compose.yaml',
        `services:\n  a:\n    build:\n      context: .\n      args: {BASE: "python:3.11@${other}"}\n`,
      );
    }),
    want: ['expired', 20, 'published', 14, 'rotate', 'newer-digest'],
  },
  'current, but moves with a pin that is not': {
    set: (world) => {
      const old = world.push({ created: 20, seed: 'old' });
      const fresh = world.push({ seed: 'new' });
      world.file('Dockerfile', `ARG BASE=python:3.11@${old}\nFROM \${BASE}\n`);
      world.file(
        'compose.yaml',
        `services:\n  a:\n    build:\n      context: .\n      args: {BASE: "python:3.11@${fresh}"}\n`,
      );
      return fresh;
    },
    want: ['fresh', 2, 'published', 14, 'current', 'up-to-date'],
  },
};

function asked(given: Digest | null | Asked): Asked {
  return given === null || typeof given === 'string' ? { tag: '3.11', digest: given } : given;
}

it('an earlier digest that is adopted has its own days in the ledger, not those of the newest', async () => {
  const world = new World();
  world.config = 'policy: {age: {minimum: 3}}\n';
  const old = world.push({ created: 9, seed: 'old' });
  const middle = world.push({ created: 6, seed: 'middle', tagged: false });
  const fresh = world.push({ created: 1, seed: 'new' });
  world.pin(old);
  for (const [digest, days] of [
    [old, 9],
    [middle, 5],
    [fresh, 1],
  ] as const)
    world.seen(digest, days);

  for (const { path, bytes } of allChanges(await world.pass({})))
    world.file(path, Buffer.from(bytes).toString());

  expect(checkSays(await world.pass({ look: 'pins' }), { tag: '3.11', digest: middle })).toMatchObject({
    since: `published ${daysAgo(6)}`,
    days: 6,
  });
});

it.each([
  ['an outage hides the day that counts', 5, 1],
  ['it is past its age by another day anyway', 20, 0],
])('a configuration that cannot be read is a failure of the check: %s', async (_, days, failures) => {
  const world = new World();
  const old = world.push({ created: 60, seed: 'old' });
  world.push({ seed: 'new' });
  world.pin(old);
  world.pinnedSince(old, days);
  world.registry.blob = async () => {
    throw outage(true);
  };
  const { gaps } = await world.pass({ look: 'pins' });
  expect(gaps.map(({ subject, temporary }) => [subject, temporary])).toEqual(
    Array.from({ length: failures }, () => ['docker.io/library/python:3.11', true]),
  );
});

describe('every view gives one answer', () => {
  it('has a table worth its name', () => {
    expect(Object.keys(TABLE).length).toBeGreaterThanOrEqual(60);
  });

  it.each(Object.entries(TABLE))('%s', async (_, { set, want }) => {
    const world = new World();
    const pin = asked(set(world));
    const moves = await world.pass({ look: 'moves', ledger: 'always' });
    const pins = await world.pass({ look: 'pins' });

    if (want === null) {
      const views = [rotateSays, checkSays, explainSays, ledgerSays, dashboardSays, checkRunSays];
      expect(views.map((view) => view(view === rotateSays ? moves : pins, pin))).toEqual(
        views.map(() => null),
      );
      return;
    }
    const [status, days, basis, limit, verdict, code] = want;
    const since = basis === null || days === null ? null : `${basis} ${daysAgo(days)}`;
    const whole = { status, days, since, limit, verdict, code };

    expect(checkSays(pins, pin)).toEqual(whole);
    // Who only moves pins looks at no dates of one that stands still, and says nothing of them rather than something else.
    const rotated = rotateSays(moves, pin);
    if (verdict !== null && code !== 'pinning-off') {
      const isOpen = rotated?.status === null;
      if (isOpen && pin.digest !== null) expect(verdict).toBe('current');
      expect(rotated).toEqual(
        isOpen ? { ...whole, status: null, days: null, since: null, limit: null } : whole,
      );
    }

    const shownStatus = status ?? 'unpinned';
    const { days: _days, ...shown } = whole;
    expect(checkRunSays(pins, pin)).toEqual({ ...shown, status: shownStatus });
    expect(dashboardSays(pins, pin)).toEqual({ ...shown, status: shownStatus });

    if (verdict !== null) {
      const age = code === 'pinning-off' ? null : ageSentence(pins, pin);
      expect(explainSays(pins, pin)).toEqual({
        title: `docker.io/library/python:${pin.tag}`,
        age,
        verdict,
        code,
      });
      if (pin.digest !== null) expect(age).toMatch(new RegExp(`^${status}: `));
    }
    if (verdict === 'rotate' && pin.digest !== null) {
      const told = days === null ? status : `${status}: ${days} day${days === 1 ? '' : 's'}`;
      const limitTold = days === null || limit === null ? '' : ` (limit ${limit})`;
      const sinceTold = since === null ? '' : `, ${since}`;
      expect(pullRequestSays(moves, pin)).toBe(`${told}${limitTold}${sinceTold}`);
    }
    if (pin.digest === null) return;
    if (verdict !== 'rotate') {
      const stopped = verdict === 'hold' ? 'held' : verdict === 'block' ? 'blocked' : null;
      expect(ledgerSays(moves, pin)?.stopped).toBe(stopped);
      if (verdict === null) return;
    }
    // A row says of its digest what a check says once it is written.
    for (const { path, bytes } of allChanges(moves)) world.file(path, Buffer.from(bytes).toString());
    const after = await world.pass({ look: 'pins' });
    for (const answer of after.answers) {
      const here = { tag: answer.pin.image.tag, digest: answer.pin.from };
      const row = after.rows.find(({ digest, image }) => digest === here.digest && image.tag === here.tag);
      expect(row?.status).toBe(checkSays(after, here)?.status);
    }
  });
});
