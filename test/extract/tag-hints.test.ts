import { describe, expect, it } from 'vitest';
import { type Digest, toDigest } from '../../src/domain/digest.ts';
import type { Repository } from '../../src/domain/image-reference.ts';
import type { LedgerEntry } from '../../src/domain/ledger-entry.ts';
import { extractDockerfile } from '../../src/extract/dockerfile/extract.ts';
import { attachTagHints } from '../../src/extract/tag-hints.ts';
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
    stopped: null,
    usedIn: [],
  };
}

function attach(
  lines: readonly string[],
  configured: string | null = null,
  ledger: readonly LedgerEntry[] = [],
) {
  const { sites } = extractDockerfile({ path: 'Dockerfile', text: lines.join('\n') });
  const document = {
    path: 'L.md',
    text: '',
    lineEnd: '\n',
    block: null,
    entries: ledger,
    tables: [],
  } as const;
  const sources = {
    configuredTag: () => configured,
    ledgerTag: (image: Repository, digest: Digest) => ledgerTag(document, image, digest),
  };
  return { sites, hinted: attachTagHints(sites, sources) };
}

describe('attachTagHints', () => {
  const entry = row('library/debian', 'from-ledger', D);
  it.each([
    ['the configuration wins', [COMMENT, `FROM debian@${D}`], 'from-rule', [entry], 'from-rule'],
    ['then the ledger', [COMMENT, `FROM debian@${D}`], null, [entry], 'from-ledger'],
    ['not the row of another digest', [COMMENT, `FROM debian@${E}`], null, [entry], 'bookworm-slim'],
    [
      'not the row of another image',
      [COMMENT, `FROM debian@${D}`],
      null,
      [row('acme/x', 'y', D)],
      'bookworm-slim',
    ],
    [
      'not rows that disagree',
      [COMMENT, `FROM debian@${D}`],
      null,
      [entry, row('library/debian', 'z', D)],
      'bookworm-slim',
    ],
    ['then the comment', [COMMENT, `FROM debian@${D}`], null, [], 'bookworm-slim'],
  ] as const)('%s', (_, lines, configured, ledger, tag) => {
    const { hinted, sites } = attach(lines, configured, ledger);
    expect(hinted[0]).toMatchObject({ skip: null, image: { tag: null }, tagHint: { image: { tag } } });
    expect(hinted[0]?.slots).toEqual(sites[0]?.slots);
  });

  it('keeps the slots of a comment whoever names the tag', () => {
    const { hinted } = attach([COMMENT, `FROM debian@${D}`], 'from-rule');
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
    const { hinted, sites } = attach([line], 'from-rule', [entry]);
    expect(hinted).toEqual(sites);
  });
});
