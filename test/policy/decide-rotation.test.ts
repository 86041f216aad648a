import { describe, expect, test } from 'vitest';
import { toDigest } from '../../src/domain/digest.ts';
import { type AnsweredResolution, decideRotation } from '../../src/policy/decide.ts';
import type { ReasonCode, Verdict } from '../../src/policy/verdict.ts';

const OLD = toDigest(`sha256:${'a'.repeat(64)}`);
const NEW = toDigest(`sha256:${'b'.repeat(64)}`);
const NOW = new Date('2026-11-20T12:00:00Z');
const image = { registry: 'docker.io', repository: 'library/python', tag: '3.11' };
const latest = { digest: NEW, mediaType: 'application/vnd.oci.image.index.v1+json', size: 1 };
const index = { kind: 'index', platforms: [] } as const;
const manifest = { kind: 'manifest', platforms: [] } as const;
const lost = [{ os: 'linux', architecture: 'arm64', variant: null }];

const current = { image, from: OLD, status: 'current', latest, churn: false, shape: index } as const;
const moved = { image, from: OLD, status: 'moved', to: NEW, latest, shape: index, oldShape: index } as const;
const lossy = { ...moved, status: 'lost-platforms', lost } as const;

type Row = {
  readonly name: string;
  readonly resolution: AnsweredResolution;
  readonly seenMinutesAgo?: number;
  readonly settleMinutes?: number;
  readonly allowLostPlatforms?: boolean;
  readonly want: readonly [Verdict, ...ReasonCode[]];
};

const TABLE: readonly Row[] = [
  { name: 'current', resolution: current, want: ['current', 'up-to-date'] },
  { name: 'churn', resolution: { ...current, churn: true }, want: ['current', 'index-churn'] },
  { name: 'moved', resolution: moved, want: ['rotate', 'newer-digest'] },
  {
    name: 'first pin',
    resolution: { ...moved, from: null, oldShape: null },
    settleMinutes: 60,
    want: ['rotate', 'first-pin'],
  },
  {
    name: 'old digest gone: no settling',
    resolution: { ...moved, oldShape: null },
    settleMinutes: 60,
    want: ['rotate', 'newer-digest', 'old-digest-gone'],
  },
  {
    name: 'never seen settles',
    resolution: moved,
    settleMinutes: 60,
    want: ['hold', 'settling', 'newer-digest'],
  },
  {
    name: 'seen just before the limit',
    resolution: moved,
    seenMinutesAgo: 59.99,
    settleMinutes: 60,
    want: ['hold', 'settling', 'newer-digest'],
  },
  {
    name: 'seen exactly at the limit',
    resolution: moved,
    seenMinutesAgo: 60,
    settleMinutes: 60,
    want: ['rotate', 'newer-digest'],
  },
  {
    name: 'first seen in the future is no credit',
    resolution: moved,
    seenMinutesAgo: -600,
    settleMinutes: 60,
    want: ['hold', 'settling', 'newer-digest'],
  },
  {
    name: 'a manifest does not settle',
    resolution: { ...moved, shape: manifest, oldShape: manifest },
    settleMinutes: 60,
    want: ['rotate', 'newer-digest'],
  },
  { name: 'lost platforms', resolution: lossy, want: ['hold', 'lost-platform'] },
  {
    name: 'lost platforms, allowed',
    resolution: lossy,
    allowLostPlatforms: true,
    want: ['rotate', 'newer-digest', 'lost-platform'],
  },
  {
    name: 'lost platforms, allowed, settling',
    resolution: lossy,
    allowLostPlatforms: true,
    settleMinutes: 5,
    want: ['hold', 'settling', 'newer-digest', 'lost-platform'],
  },
  {
    name: 'unfollowable',
    resolution: { image, from: OLD, status: 'unfollowable', latest, detail: 'linux/riscv64 is gone' },
    want: ['hold', 'platform-gone'],
  },
];

describe('decideRotation', () => {
  test.each(TABLE)('$name', (row) => {
    const firstSeen =
      row.seenMinutesAgo === undefined ? null : new Date(NOW.getTime() - row.seenMinutesAgo * 60_000);
    const rules = {
      settleMinutes: row.settleMinutes ?? 0,
      allowLostPlatforms: row.allowLostPlatforms ?? false,
    };
    const { verdict, reasons } = decideRotation(row.resolution, { now: NOW, firstSeen }, rules);
    expect([verdict, ...reasons.map((r) => r.code)]).toEqual(row.want);
    for (const reason of reasons) expect(reason.message).not.toBe('');
  });
});
