import { describe, expect, it } from 'vitest';
import { type Digest, toDigest } from '../../src/domain/digest.ts';
import type { Repository } from '../../src/domain/image-reference.ts';
import type { LedgerEntry } from '../../src/domain/ledger-entry.ts';
import { extractDockerfile } from '../../src/extract/dockerfile/extract.ts';
import { attachTagHints, type TagRule } from '../../src/extract/tag-hints.ts';
import { ledgerTag } from '../../src/plan/ledger/adopt.ts';

const D = toDigest(`sha256:${'a'.repeat(64)}`);
const E = toDigest(`sha256:${'b'.repeat(64)}`);
const COMMENT = '# debian:bookworm-slim (pinned 2026-01-31)';

function row(repository: string, tag: string, digest: Digest): LedgerEntry {
  return {
    image: { registry: 'docker.io', repository, tag },
    digest,
    kind: null,
    platforms: [],
    published: null,
    firstSeen: null,
    pinnedOn: null,
    status: 'unknown',
    usedIn: [],
  };
}

function attach(
  lines: readonly string[],
  rules: readonly TagRule[] = [],
  ledger: readonly LedgerEntry[] = [],
) {
  const { sites } = extractDockerfile({ path: 'Dockerfile', text: lines.join('\n') });
  const matches = (glob: string, name: string): boolean => glob === name;
  const document = {
    path: 'L.md',
    text: '',
    lineEnd: '\n',
    block: null,
    entries: ledger,
    tables: [],
  } as const;
  const sources = {
    rules,
    matches,
    ledgerTag: (image: Repository, digest: Digest) => ledgerTag(document, image, digest),
  };
  return { sites, hinted: attachTagHints(sites, sources) };
}

describe('attachTagHints', () => {
  const rule: TagRule = { image: 'docker.io/library/debian', digest: null, tag: 'from-rule' };
  const entry = row('library/debian', 'from-ledger', D);
  it.each([
    ['the configuration wins', [COMMENT, `FROM debian@${D}`], [rule], [entry], 'from-rule'],
    ['by the familiar name', [`FROM debian@${D}`], [{ ...rule, image: 'debian' }], [], 'from-rule'],
    ['for that digest', [`FROM debian@${D}`], [{ ...rule, digest: D }], [], 'from-rule'],
    ['not for another digest', [`FROM debian@${D}`], [{ ...rule, digest: E }], [entry], 'from-ledger'],
    ['then the ledger', [COMMENT, `FROM debian@${D}`], [], [entry], 'from-ledger'],
    ['not the row of another digest', [COMMENT, `FROM debian@${E}`], [], [entry], 'bookworm-slim'],
    [
      'not the row of another image',
      [COMMENT, `FROM debian@${D}`],
      [],
      [row('acme/x', 'y', D)],
      'bookworm-slim',
    ],
    [
      'not rows that disagree',
      [COMMENT, `FROM debian@${D}`],
      [],
      [entry, row('library/debian', 'z', D)],
      'bookworm-slim',
    ],
    ['then the comment', [COMMENT, `FROM debian@${D}`], [], [], 'bookworm-slim'],
  ] as const)('%s', (_, lines, rules, ledger, tag) => {
    const { hinted, sites } = attach(lines, rules, ledger);
    expect(hinted[0]).toMatchObject({ skip: null, image: { tag: null }, tagHint: { image: { tag } } });
    expect(hinted[0]?.slots).toEqual(sites[0]?.slots);
  });

  it('keeps the slots of a comment whoever names the tag', () => {
    const { hinted } = attach([COMMENT, `FROM debian@${D}`], [rule]);
    expect(hinted[0]?.tagHint?.slots.map((slot) => slot.text)).toEqual(['bookworm-slim', '2026-01-31']);
  });

  it('skips a digest whose tag nobody names', () => {
    const { hinted } = attach([`FROM debian@${D}`]);
    expect(hinted[0]?.skip?.reason).toBe('digest-without-tag');
    expect(hinted[0]?.skip?.detail).toContain('# debian:TAG');
  });

  it.each([
    ['a tag of its own', `FROM debian:12@${D}`],
    ['no digest', 'FROM debian'],
  ])('leaves %s alone', (_, line) => {
    const { hinted, sites } = attach([line], [rule], [entry]);
    expect(hinted).toEqual(sites);
  });
});
