import { describe, expect, it } from 'vitest';
import { extractDockerfile } from '../../../src/extract/dockerfile/extract.ts';

const D = `sha256:${'a'.repeat(64)}`;
const E = `sha256:${'b'.repeat(64)}`;

/** One line a site: `kind[ name] holds text → image[ !skip]`, digests short; then the skips `reason text`. */
function read(text: string): readonly string[] {
  const found = extractDockerfile({ path: 'Dockerfile', text });
  expect(found.errors).toEqual([]);
  const short = (s: string): string => s.replaceAll(D, 'DA').replaceAll(E, 'DB');
  for (const site of found.sites) {
    expect(text.slice(site.start, site.end)).toBe(site.text);
    for (const slot of [...site.slots, ...(site.tagHint?.slots ?? [])]) {
      expect(text.slice(slot.start, slot.end)).toBe(slot.text);
    }
  }
  return [
    ...found.sites.map((site) => {
      const head = `${site.kind}${site.name === null ? '' : ` ${site.name}`}`;
      const skip = site.skip === null ? '' : ` !${site.skip.reason}`;
      return short(`${head} ${site.slots[0].holds} ${site.text} → ${site.image.text}${skip}`);
    }),
    ...found.skipped.map((skip) => short(`${skip.reason} ${skip.text}`)),
    ...(found.digests ?? []).map((digest) => short(`digest ${digest.name} ${digest.text}`)),
  ];
}

type Case = readonly [title: string, lines: readonly string[], expected: readonly string[]];

function table(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    it.each(cases)('%s', (_, lines, expected) => {
      expect(read(lines.join('\n'))).toEqual(expected);
    });
  });
}

table('FROM', [
  ['plain', ['FROM debian'], ['from reference debian → debian']],
  ['tag and digest', [`FROM python:3.11@${D}`], ['from reference python:3.11@DA → python:3.11@DA']],
  [
    'port and path',
    ['FROM localhost:5000/a/b:1'],
    ['from reference localhost:5000/a/b:1 → localhost:5000/a/b:1'],
  ],
  ['lower case, tabs, leading blanks', ['\t from\talpine:3\tas\tx'], ['from reference alpine:3 → alpine:3']],
  ['platform flag', ['FROM --platform=$BUILDPLATFORM go:1 AS b'], ['from reference go:1 → go:1']],
  ['quotes around', ['FROM "alpine:3"'], ['from reference alpine:3 → alpine:3']],
  ['quotes inside', ["FROM alp'ine':3"], ["from reference alp'ine':3 → alpine:3 !unsupported-spelling"]],
  ['quotes inside, digest whole', [`FROM alp'ine':3@${D}`], ['from digest DA → alpine:3@DA']],
  ['an escape inside', ['FROM alpine\\:3'], ['from reference alpine\\:3 → alpine:3 !unsupported-spelling']],
  [
    'a continuation inside the word',
    ['FROM alpine\\', ':3'],
    ['from reference alpine\\\n:3 → alpine:3 !unsupported-spelling'],
  ],
  [
    'a continuation between words',
    ['FROM \\', '  alpine:3 \\', '  AS x'],
    ['from reference alpine:3 → alpine:3'],
  ],
  ['a continuation inside the keyword', ['FR\\', 'OM alpine:3'], ['from reference alpine:3 → alpine:3']],
  [
    'an escape character alone on the first line',
    ['\\', ' FROM alpine:3'],
    ['from reference alpine:3 → alpine:3'],
  ],
  [
    'comment and empty line in a continuation',
    ['FROM \\', '# x', '', ' alpine:3'],
    ['from reference alpine:3 → alpine:3'],
  ],
  ['scratch', ['FROM scratch'], ['scratch scratch']],
  ['SCRATCH is an image name BuildKit refuses', ['FROM SCRATCH'], ['invalid-reference SCRATCH']],
  ['an upper-case path', ['FROM Acme/App'], ['invalid-reference Acme/App']],
  ['no reference', ['FROM :bad'], ['invalid-reference :bad']],
  ['a template', ['FROM {{image}}', 'FROM {{ image }}'], ['templated {{image}}', 'templated {{ image }}']],
  ['text in a RUN', ['FROM a:1', 'RUN echo \\', 'FROM b:1'], ['from reference a:1 → a:1']],
  ['an escaped escape does not continue', ['RUN echo \\\\', 'FROM b:1'], ['from reference b:1 → b:1']],
  ['blanks after the escape', ['RUN echo \\ \t', 'FROM b:1'], []],
  ['a comment that ends with an escape', ['# x \\', 'FROM b:1'], ['from reference b:1 → b:1']],
]);

table('stages', [
  [
    'case does not matter',
    ['FROM a:1 AS Build', 'FROM build', 'FROM BUILD'],
    ['from reference a:1 → a:1', 'stage build', 'stage BUILD'],
  ],
  [
    'a later stage is an image to FROM',
    ['FROM later', 'FROM b:1 AS later'],
    ['from reference later → later', 'from reference b:1 → b:1'],
  ],
  [
    'named like its image',
    ['FROM python AS python', 'FROM python'],
    ['from reference python → python', 'stage python'],
  ],
  [
    'COPY may name a later stage',
    ['FROM a:1', 'COPY --from=Later /x /y', 'FROM b:1 AS later'],
    ['from reference a:1 → a:1', 'from reference b:1 → b:1', 'stage Later'],
  ],
  ['by variable', ['ARG T=dev', 'FROM a:1 AS dev', 'FROM ${T}'], ['from reference a:1 → a:1', 'stage ${T}']],
  [
    'a stage name with a tag is an image',
    ['FROM a:1 AS b', 'FROM b:1'],
    ['from reference a:1 → a:1', 'from reference b:1 → b:1'],
  ],
]);

table('COPY and mounts', [
  [
    'COPY',
    ['FROM a:1', 'COPY --from=b:2 x y'],
    ['from reference a:1 → a:1', 'copy-from reference b:2 → b:2'],
  ],
  [
    'flags in any order, with *',
    ['FROM a:1', 'COPY --chown=*:* --link --from=b:2 --exclude=*.x x y'],
    ['from reference a:1 → a:1', 'copy-from reference b:2 → b:2'],
  ],
  [
    'quoted flag',
    ['FROM a:1', 'COPY --from="b:2" x y'],
    ['from reference a:1 → a:1', 'copy-from reference b:2 → b:2'],
  ],
  ['after a lone -- it is a path', ['FROM a:1', 'COPY -- --from=b:2 y'], ['from reference a:1 → a:1']],
  ['after the flags it is a path', ['FROM a:1', 'COPY x --from=b:2 y'], ['from reference a:1 → a:1']],
  [
    'numbers',
    ['FROM a:1', 'FROM b:1', 'COPY --from=0 x y', 'COPY --from=+1 x y'],
    ['from reference a:1 → a:1', 'from reference b:1 → b:1', 'stage 0', 'stage +1'],
  ],
  [
    'no variables',
    ['ARG V=b:2', 'FROM a:1', 'COPY --from=$V x y'],
    ['from reference a:1 → a:1', 'unresolvable-variable $V'],
  ],
  [
    'ADD has no --from',
    ['FROM a:1', 'ADD --from=b:2 x y'],
    ['from reference a:1 → a:1', 'unsupported-spelling b:2'],
  ],
  ['scratch', ['FROM a:1', 'COPY --from=scratch x y'], ['from reference a:1 → a:1', 'scratch scratch']],
  [
    'several mounts',
    [
      'FROM a:1',
      'RUN --mount=type=bind,from=b:2,target=/x --network=none \\',
      '  --mount=target=/y,FROM=c:3 make',
    ],
    ['from reference a:1 → a:1', 'mount-from reference b:2 → b:2', 'mount-from reference c:3 → c:3'],
  ],
  [
    'mount of a stage',
    ['FROM a:1 AS s', 'RUN --mount=from=S,target=/x make'],
    ['from reference a:1 → a:1', 'stage S'],
  ],
  [
    'mount with a variable',
    ['FROM a:1', 'RUN --mount=from=${B},target=/x make'],
    ['from reference a:1 → a:1', 'unresolvable-variable ${B}'],
  ],
  [
    'tmpfs takes no source',
    ['FROM a:1', 'RUN --mount=type=tmpfs,from=b:2,target=/x make'],
    ['from reference a:1 → a:1'],
  ],
  [
    'mounts after the command are text',
    ['FROM a:1', 'RUN make --mount=from=b:2'],
    ['from reference a:1 → a:1'],
  ],
  [
    'the first line holds the keyword alone',
    ['FROM a:1', 'RUN \\', '  --mount=from=b:2 make'],
    ['from reference a:1 → a:1', 'mount-from reference b:2 → b:2'],
  ],
  [
    'ONBUILD',
    ['FROM a:1', 'ONBUILD COPY --from=b:2 x y', 'onbuild run --mount=from=c:3 x'],
    ['from reference a:1 → a:1', 'copy-from reference b:2 → b:2', 'mount-from reference c:3 → c:3'],
  ],
  [
    'ONBUILD FROM',
    ['FROM a:1', 'ONBUILD FROM b:2'],
    ['from reference a:1 → a:1', 'unsupported-spelling b:2'],
  ],
]);

table('ARG', [
  [
    'whole, once',
    [`ARG I=p:1@${D}`, 'FROM $I', 'FROM ${I}', 'FROM "${I:-x}"'],
    ['arg-default I reference p:1@DA → p:1@DA'],
  ],
  ['whole, unpinned', ['ARG I=p:1', 'FROM $I'], ['arg-default I reference p:1 → p:1']],
  [
    'several on a line',
    [`ARG A=a:1 B="b:1@${D}"`, 'FROM $A', 'FROM $B'],
    ['arg-default A reference a:1 → a:1', 'arg-default B reference b:1@DA → b:1@DA'],
  ],
  ['through another', ['ARG A=a:1', 'ARG B=$A', 'FROM $B'], ['arg-default A reference a:1 → a:1']],
  [
    'not used, with a digest',
    [`ARG X=a:1@${D}`, 'FROM b:1'],
    ['arg-default X reference a:1@DA → a:1@DA', 'from reference b:1 → b:1'],
  ],
  [
    'not used, its name says so',
    [
      'ARG MY_IMAGE=a:1',
      'ARG IMAGE=b',
      'ARG BASE=c',
      'ARG X_BASE=d:1',
      'ARG BASE_IMAGE_X=e',
      'ARG OTHER=f:1',
    ],
    [
      'arg-default MY_IMAGE reference a:1 → a:1',
      'arg-default IMAGE reference b → b',
      'arg-default BASE reference c → c',
      'arg-default X_BASE reference d:1 → d:1',
      'arg-default BASE_IMAGE_X reference e → e',
    ],
  ],
  [
    'its name says so, its value does not',
    ['ARG BASE=3.11', 'ARG BASE_IMAGE_TAG=bookworm', 'ARG X_BASE=/opt/x'],
    [],
  ],
  [
    'in a stage',
    ['FROM a:1', `ARG P_IMAGE=p:1@${D}`],
    ['from reference a:1 → a:1', 'arg-default P_IMAGE reference p:1@DA → p:1@DA'],
  ],
  [
    'a stage ARG is not seen by FROM',
    ['FROM a:1', 'ARG V=b:1', 'FROM $V'],
    ['from reference a:1 → a:1', 'unresolvable-variable $V'],
  ],
  [
    'ENV is not seen by FROM',
    ['FROM a:1', 'ENV V=b:1', 'FROM $V'],
    ['from reference a:1 → a:1', 'unresolvable-variable $V'],
  ],
  ['without a default', ['ARG V', 'FROM $V'], ['unresolvable-variable $V']],
  [
    'predefined platform',
    ['FROM a:$TARGETARCH', 'FROM a:${TARGETARCH:-arm}'],
    [
      'from reference a:${TARGETARCH:-arm} → a:arm !composed-reference',
      'unresolvable-variable a:$TARGETARCH',
    ],
  ],
  [
    'platform with a default',
    ['ARG TARGETARCH=amd64', 'FROM a:$TARGETARCH'],
    ['from reference a:$TARGETARCH → a:amd64 !composed-reference'],
  ],
  [
    'declared again without a default keeps it',
    ['ARG V=a:1', 'ARG V', 'FROM $V'],
    ['arg-default V reference a:1 → a:1'],
  ],
  [
    'declared again with another',
    ['ARG V=a:1', 'ARG V=b:1', 'FROM $V'],
    ['arg-default V reference b:1 → b:1'],
  ],
  ['a default in place', ['FROM ${I:-a:1}'], ['from reference a:1 → a:1']],
  ['a pinned default in place', [`FROM \${I:-a:1@${D}}`], ['from reference a:1@DA → a:1@DA']],
  [
    'a default in place that is not used',
    ['ARG I=b:1', 'FROM ${I:-a:1}'],
    ['arg-default I reference b:1 → b:1'],
  ],
  ['the alternative', ['ARG I=x', 'FROM ${I:+a:1}'], ['from reference a:1 → a:1']],
  ['required and missing', ['FROM ${I:?none}'], ['unresolvable-variable ${I:?none}']],
  ['empty', ['ARG I=', 'FROM $I'], ['unresolvable-variable $I']],
  [
    'a name that holds a stage',
    ['FROM a:1 AS dev', 'FROM a:1', 'ARG BASE=dev'],
    ['from reference a:1 → a:1', 'from reference a:1 → a:1', 'stage dev'],
  ],
]);

table('composed references', [
  [
    'a version, pinned in place',
    ['ARG V=20', `FROM node:\${V}-alpine@${D}`],
    ['from digest DA → node:20-alpine@DA'],
  ],
  [
    'a version, not pinned',
    ['ARG V=20', 'FROM node:${V}'],
    ['from reference node:${V} → node:20 !composed-reference'],
  ],
  [
    'a version several images read',
    ['ARG V=20', 'FROM node:${V}', 'FROM node:${V}-slim'],
    [
      'from reference node:${V} → node:20 !shared-fragment',
      'from reference node:${V}-slim → node:20-slim !shared-fragment',
    ],
  ],
  [
    'a version a RUN reads',
    ['ARG V=20', 'FROM node:${V}', 'ARG V', 'RUN echo $V'],
    ['from reference node:${V} → node:20 !shared-fragment'],
  ],
  ['a registry', ['ARG R=ghcr.io', `FROM \${R}/a/b:1@${D}`], ['from digest DA → ghcr.io/a/b:1@DA']],
  ['a bare digest', [`ARG DIG=${D}`, 'FROM a:1@${DIG}'], ['arg-default DIG digest DA → a:1@DA']],
  [
    'a bare digest read twice alike',
    [`ARG DIG=${D}`, 'FROM a:1@${DIG}', 'FROM a:1@$DIG AS x'],
    ['arg-default DIG digest DA → a:1@DA'],
  ],
  [
    'a bare digest of two images',
    [`ARG DIG=${D}`, 'FROM a:1@${DIG}', 'FROM b:1@${DIG}'],
    ['arg-default DIG digest DA → a:1@DA !shared-fragment'],
  ],
  ['a bare digest nobody reads', [`ARG DIG=${D}`, 'FROM a:1'], ['from reference a:1 → a:1', 'digest DIG DA']],
  ['a tag with a digest', [`ARG T=3@${D}`, 'FROM a:${T}'], ['arg-default T digest DA → a:3@DA']],
  ['a tag with a digest nobody reads', [`ARG PY_TAG=slim@${D}`], ['shared-fragment slim@DA']],
  ['a digest with its sign', [`ARG H="@${D}"`, 'FROM a:1$H'], ['arg-default H digest DA → a:1@DA']],
  [
    'the end of a tag with a digest',
    [`ARG S=-slim@${D}`, 'FROM a:1$S'],
    ['arg-default S digest DA → a:1-slim@DA'],
  ],
  ['a digest with its sign that nobody reads', [`ARG H="@${D}"`], ['shared-fragment "@DA"']],
  [
    'a tag with a digest, in a FROM that cannot be known',
    [`ARG T=3.11@${D}`, 'FROM $REG/python:$T'],
    ['shared-fragment 3.11@DA', 'unresolvable-variable $REG/python:$T'],
  ],
  [
    'a part, in a FROM that cannot be known',
    ['ARG BASE=bookworm', 'FROM $REG/python:$BASE'],
    ['unresolvable-variable $REG/python:$BASE'],
  ],
  [
    'a digest in halves',
    [`ARG H=${'a'.repeat(64)}`, 'FROM a:1@sha256:${H}'],
    ['from reference a:1@sha256:${H} → a:1@DA !composed-reference'],
  ],
  [
    'composed inside an ARG',
    ['ARG V=1', `ARG I=a:\${V}@${D}`, 'FROM $I'],
    ['arg-default I digest DA → a:1@DA'],
  ],
  [
    'composed inside an ARG, not pinned',
    ['ARG V=1', 'ARG I=a:${V}', 'FROM $I', 'FROM $I AS x'],
    ['arg-default I reference a:${V} → a:1 !composed-reference'],
  ],
  [
    'a whole image others add to',
    ['ARG I=a:1', 'FROM $I', 'FROM ${I}-slim'],
    [
      'arg-default I reference a:1 → a:1 !shared-fragment',
      'from reference ${I}-slim → a:1-slim !composed-reference',
    ],
  ],
  [
    'cut by a pattern',
    [`ARG I=docker.io/a:1@${D}`, 'FROM ${I#docker.io/}', 'FROM ${I%@*}'],
    ['arg-default I digest DA → a:1@DA', 'from reference ${I%@*} → docker.io/a:1 !composed-reference'],
  ],
  [
    'a suffix nobody gives',
    ['FROM node:20${S:-}'],
    ['from reference node:20${S:-} → node:20 !composed-reference'],
  ],
]);

table('heredocs (BuildKit parser/parser_heredoc_test.go)', [
  ['RUN', ['RUN <<EOF', 'FROM x:1', 'EOF', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['empty', ['RUN <<E', 'E', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['file descriptor', ['RUN 3<<E', 'FROM x:1', 'E', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['tabs dropped', ['RUN <<-E', '\tFROM x:1', '\tE', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['tabs not dropped', ['RUN <<E', '\tE', 'FROM x:1', 'E', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['quoted', ["RUN <<-'E'", 'FROM x:1', 'E', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['partly quoted', ["RUN <<eo'f'", 'FROM x:1', 'eof', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['escaped quote', ["RUN <<eo\\'f", 'FROM x:1', "eo'f", 'FROM a:1'], ['from reference a:1 → a:1']],
  [
    'two words in quotes',
    ["RUN <<'one two'", 'FROM x:1', 'one two', 'FROM a:1'],
    ['from reference a:1 → a:1'],
  ],
  ['a variable stays', ['RUN <<$EOF', 'FROM x:1', '$EOF', 'FROM a:1'], ['from reference a:1 → a:1']],
  [
    'blanks before the word',
    ['RUN <<  EOF  > foo', 'FROM x:1', 'EOF', 'FROM a:1'],
    ['from reference a:1 → a:1'],
  ],
  ['several', ['COPY <<X <<Y /dest', 'Y', 'X', 'FROM x:1', 'Y', 'FROM a:1'], ['from reference a:1 → a:1']],
  [
    'ADD, with a file name',
    ['ADD <<f.txt /x', 'FROM x:1', 'f.txt', 'FROM a:1'],
    ['from reference a:1 → a:1'],
  ],
  [
    'mount and heredoc',
    ['RUN --mount=from=b:2,target=/x <<E', 'FROM x:1', 'E'],
    ['mount-from reference b:2 → b:2'],
  ],
  ['ONBUILD', ['ONBUILD RUN <<E', 'FROM x:1', 'E', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['continued line', ['RUN cat \\', ' <<E', 'FROM x:1', 'E', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['CRLF', ['RUN <<E\r', 'FROM x:1\r', 'E\r', 'FROM a:1\r'], ['from reference a:1 → a:1']],
  ['in quotes is none', ['RUN "<<E"', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['inside a word is none', ['RUN cat<<E', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['<<< is none', ['RUN cat <<<E', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['JSON form is none', ['RUN ["<<E"]', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['other instructions have none', ['USER <<E', 'FROM a:1'], ['from reference a:1 → a:1']],
  ['a shift is none', ['RUN echo $((1<<2))', 'FROM a:1'], ['from reference a:1 → a:1']],
]);

table('directives (BuildKit parser/directives_test.go)', [
  [
    'syntax',
    [`# syntax=docker/dockerfile:1@${D}`, 'FROM a:1'],
    ['syntax reference docker/dockerfile:1@DA → docker/dockerfile:1@DA', 'from reference a:1 → a:1'],
  ],
  [
    'blanks, case, options',
    ['#  SynTax = dockerfile:x // opts', 'FROM a:1'],
    ['syntax reference dockerfile:x → dockerfile:x', 'from reference a:1 → a:1'],
  ],
  [
    'after escape and check',
    ['# escape=\\', '# check=skip=all', '# syntax=f:1'],
    ['syntax reference f:1 → f:1'],
  ],
  ['after a shebang', ['#!/bin/sh', '# syntax=f:1'], ['syntax reference f:1 → f:1']],
  ['after a byte order mark', ['\ufeff# syntax=f:1'], ['syntax reference f:1 → f:1']],
  ['CRLF', ['# syntax=f:1\r', 'FROM a:1\r'], ['syntax reference f:1 → f:1', 'from reference a:1 → a:1']],
  ['after an empty line is a comment', ['', '# syntax=f:1'], []],
  ['after a comment is a comment', ['# hello', '# syntax=f:1'], []],
  ['after an unknown directive is a comment', ['# key=value', '# syntax=f:1'], []],
  ['indented is a comment for syntax', [' # syntax=f:1'], []],
  ['in slashes', ['//syntax=f:1', '//key=value'], ['syntax reference f:1 → f:1']],
  ['in JSON', ['{"a": {"syntax": "x"}, "syntax": "f:1", "b": []}'], ['syntax reference f:1 → f:1']],
  ['in broken JSON', ['{"syntax": "f:1"'], []],
  ['backtick', ['# escape=`', 'RUN copy C:\\', 'FROM `', ' a:1'], ['from reference a:1 → a:1']],
  ['backtick, indented', ['  # ESCAPE = `', 'RUN x `', 'FROM y:1', 'FROM a:1'], ['from reference a:1 → a:1']],
  [
    'a shebang disables escape',
    ['#!/bin/sh', '# escape=`', 'RUN x `', 'FROM a:1'],
    ['from reference a:1 → a:1'],
  ],
]);

describe('what BuildKit refuses', () => {
  it.each([
    ['an unterminated heredoc', ['FROM a:1', 'RUN <<E', 'FROM b:1'], 2, 1],
    ['FROM without an image', ['FROM', 'FROM a:1'], 1, 1],
    ['FROM with two words', ['FROM a:1 b', 'FROM a:1'], 1, 1],
    ['FROM with a comment', ['FROM a:1 # x'], 1, 0],
    ['a stage name that starts with a digit', ['FROM a:1 AS 1x'], 1, 1],
    ['escape=x', ['# escape=x', 'FROM a:1'], 1, 1],
    ['a directive twice', ['# syntax=f:1', '# syntax=f:2', 'FROM a:1'], 2, 2],
  ])('%s', (_, lines, line, sites) => {
    const found = extractDockerfile({ path: 'app/Dockerfile', text: lines.join('\n') });
    expect(found.errors.map((error) => [error.code, error.line])).toEqual([['syntax', line]]);
    expect(found.errors[0]?.message).toContain(`app/Dockerfile:${line}: `);
    expect(found.sites).toHaveLength(sites);
  });
});

describe('positions, declarations and hints', () => {
  it('counts a byte order mark as an offset and not as a column', () => {
    const [site] = extractDockerfile({ path: 'D', text: '\ufeffFROM a:1\r\n' }).sites;
    expect([site?.start, site?.line, site?.column]).toEqual([6, 1, 6]);
  });

  it('declares every ARG', () => {
    const text = ['ARG V=1 W', 'ARG I=a:$V', 'FROM $I', 'ARG V', 'ARG LOCAL=x'].join('\n');
    expect(extractDockerfile({ path: 'D', text }).args).toEqual([
      { name: 'V', scope: 'global', siteStart: null, namesImage: true },
      { name: 'W', scope: 'global', siteStart: null, namesImage: false },
      { name: 'I', scope: 'global', siteStart: 16, namesImage: true },
      { name: 'V', scope: 0, siteStart: null, namesImage: false },
      { name: 'LOCAL', scope: 0, siteStart: null, namesImage: false },
    ]);
  });

  it.each([
    ['# debian:12 (pinned 2026-01-31)', `FROM debian@${D}`, ['12', '2026-01-31']],
    ['#debian:12', `FROM docker.io/library/debian@${D}`, ['12']],
    ['# debian:12 (pinned 2026-02-30)', `FROM debian@${D}`, ['12']],
    ['# debian:12 (pinned 2026-01-31)', `FROM debian:12@${D}`, ['12', '2026-01-31']],
    ['# debian:11 (pinned 2026-01-31)', `FROM debian:12@${D}`, null],
    ['# ubuntu:24.04', `FROM debian@${D}`, null],
    ['# debian:12 is what we want', `FROM debian@${D}`, null],
    ['# debian', `FROM debian@${D}`, null],
    ['RUN debian:12', `FROM debian@${D}`, null],
    ['# debian:12', `ARG BASE=debian@${D}`, ['12']],
  ])('%s / %s', (comment, line, expected) => {
    const text = `FROM x:1\r\n${comment}\r\n${line}\r\n`;
    const site = extractDockerfile({ path: 'D', text }).sites.find((one) => one.line === 3);
    expect(site?.tagHint?.slots.map((slot) => slot.text) ?? null).toEqual(expected);
  });
});
