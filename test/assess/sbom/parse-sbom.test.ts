import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeSbom } from '../../../src/assess/sbom/complete-sbom.ts';
import { parseSbom } from '../../../src/assess/sbom/parse-sbom.ts';
import type { Sbom } from '../../../src/assess/sbom/sbom.ts';
import { writeCycloneDx } from '../../../src/assess/sbom/write-cyclonedx.ts';
import { writeSpdx } from '../../../src/assess/sbom/write-spdx.ts';

type SpdxEntry = { name: string; version: string; purl?: string; sourceInfo?: string; purpose?: string };

function spdx(entries: readonly SpdxEntry[]): string {
  return JSON.stringify({
    spdxVersion: 'SPDX-2.3',
    packages: entries.map((entry) => ({
      name: entry.name,
      versionInfo: entry.version,
      ...(entry.sourceInfo === undefined ? {} : { sourceInfo: entry.sourceInfo }),
      ...(entry.purpose === undefined ? {} : { primaryPackagePurpose: entry.purpose }),
      externalRefs:
        entry.purl === undefined
          ? []
          : [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: entry.purl }],
    })),
  });
}

function parsed(text: string): Sbom {
  const result = parseSbom(text);
  if (!result.ok) throw new Error(result.fault.message);
  return result.value;
}

describe('SPDX', () => {
  it('of Syft, as BuildKit attaches it: distribution and sources from the purls', () => {
    const sbom = parsed(
      spdx([
        { name: 'rootfs', version: '' },
        {
          name: 'libssl3',
          version: '3.0.11-1~deb12u2',
          purl: 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl',
        },
        {
          name: 'libgcc-s1',
          version: '12.2.0-14',
          purl: 'pkg:deb/debian/libgcc-s1@12.2.0-14?distro=debian-12&upstream=gcc-12%4012.2.0-15',
        },
        { name: 'tar', version: '1:1.34', purl: 'pkg:deb/debian/tar@1%3A1.34?distro=debian-12' },
        {
          name: 'lodash',
          version: '4.17.20',
          purl: 'pkg:npm/lodash@4.17.20',
          sourceInfo:
            'acquired package info from installed node module manifest file: /app/node_modules/lodash/package.json, /x',
        },
      ]),
    );
    expect(sbom.os).toEqual({ id: 'debian', version: '12' });
    expect(sbom.packages.map(({ purl, ...rest }) => rest)).toEqual([
      {
        name: 'libssl3',
        version: '3.0.11-1~deb12u2',
        type: 'deb',
        source: { name: 'openssl', version: null },
        location: null,
      },
      {
        name: 'libgcc-s1',
        version: '12.2.0-14',
        type: 'deb',
        source: { name: 'gcc-12', version: '12.2.0-15' },
        location: null,
      },
      { name: 'tar', version: '1:1.34', type: 'deb', source: null, location: null },
      {
        name: 'lodash',
        version: '4.17.20',
        type: 'npm',
        source: null,
        location: '/app/node_modules/lodash/package.json',
      },
    ]);
    expect(completeSbom(sbom).ok).toBe(true);
  });

  it('of Docker Scout: os_name and os_version', () => {
    const purl = 'pkg:deb/debian/glibc@2.36-9?os_distro=bookworm&os_name=debian&os_version=12';
    const sbom = parsed(spdx([{ name: 'glibc', version: '2.36-9', purl }]));
    expect(sbom.os).toEqual({ id: 'debian', version: '12' });
    expect(completeSbom(sbom).ok).toBe(true);
  });

  it('of Trivy: the distribution as a package, sources by sourceInfo', () => {
    const sbom = parsed(
      spdx([
        { name: 'alpine', version: '3.18.4', purpose: 'OPERATING-SYSTEM' },
        {
          name: 'libcrypto3',
          version: '3.1.4-r0',
          purl: 'pkg:apk/alpine/libcrypto3@3.1.4-r0',
          sourceInfo: 'built package from: openssl 3.1.4-r0',
        },
      ]),
    );
    expect(sbom.os).toEqual({ id: 'alpine', version: '3.18.4' });
    expect(sbom.packages[0]?.source).toEqual({ name: 'openssl', version: '3.1.4-r0' });
  });

  it.each([
    [
      'pkg:rpm/rhel/openssl-libs@3.0.7-24.el9?epoch=1&distro=rhel-9.3&upstream=openssl-3.0.7-24.el9.src.rpm',
      '1:3.0.7-24.el9',
      'openssl',
    ],
    ['pkg:rpm/opensuse/libzypp@17-1?distro=opensuse-leap-15.6', '17-1', null],
  ])('of RPM: %s', (purl, version, source) => {
    const [item] = parsed(spdx([{ name: 'x', version: 'y', purl }])).packages;
    expect(item?.version).toBe(version);
    expect(item?.source?.name ?? null).toBe(source);
  });
});

describe('CycloneDX', () => {
  it('of Trivy and Syft, nested, with groups and places', () => {
    const sbom = parsed(
      JSON.stringify({
        bomFormat: 'CycloneDX',
        components: [
          { type: 'operating-system', name: 'debian', version: '12.5' },
          {
            type: 'library',
            name: 'libc6',
            version: '2.36-9',
            purl: 'pkg:deb/debian/libc6@2.36-9',
            properties: [
              { name: 'aquasecurity:trivy:SrcName', value: 'glibc' },
              { name: 'aquasecurity:trivy:SrcVersion', value: '2.36' },
              { name: 'aquasecurity:trivy:SrcRelease', value: '9' },
              { name: 'aquasecurity:trivy:SrcEpoch', value: '1' },
            ],
          },
          {
            type: 'application',
            name: 'app/package-lock.json',
            components: [
              {
                group: '@scope',
                name: 'a',
                version: '1.0.0',
                purl: 'pkg:npm/%40scope/a@1.0.0',
                properties: [{ name: 'syft:location:0:path', value: '/app/a' }],
              },
            ],
          },
        ],
      }),
    );
    expect(sbom.os).toEqual({ id: 'debian', version: '12.5' });
    expect(sbom.packages).toMatchObject([
      { name: 'libc6', source: { name: 'glibc', version: '1:2.36-9' } },
      { name: '@scope/a', type: 'npm', location: '/app/a' },
    ]);
  });

  it('nested without end is refused', () => {
    let component: unknown = { type: 'library', name: 'x' };
    for (let i = 0; i < 100; i++) component = { type: 'library', name: 'x', components: [component] };
    expect(parseSbom(JSON.stringify({ bomFormat: 'CycloneDX', components: [component] }))).toMatchObject({
      ok: false,
      fault: { code: 'too-large' },
    });
  });
});

describe('in-toto', () => {
  it.each([
    ['the predicate', (document: unknown) => document],
    [
      'the predicate in Data, as cosign wrote it',
      (document: unknown) => ({ Data: JSON.stringify(document) }),
    ],
  ])('reads %s', (_, wrap) => {
    const document: unknown = JSON.parse(spdx([{ name: 'a', version: '1', purl: 'pkg:npm/a@1' }]));
    const statement = JSON.stringify({
      predicateType: 'https://spdx.dev/Document',
      predicate: wrap(document),
    });
    expect(parsed(statement).packages).toHaveLength(1);
  });
});

describe('what is no SBOM', () => {
  it.each([
    ['', 'not-json'],
    ['<xml/>', 'not-json'],
    ['[]', 'not-an-sbom'],
    ['{}', 'not-an-sbom'],
    ['{"spdxVersion":"SPDX-3.0"}', 'malformed'],
    ['{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]}', 'unsupported'],
    ['{"spdxVersion":"SPDX-2.3","packages":{}}', 'malformed'],
    ['{"spdxVersion":"SPDX-2.3","packages":[{"versionInfo":"1"}]}', 'malformed'],
    ['{"bomFormat":"CycloneDX","components":[1]}', 'malformed'],
  ])('%j is refused as %s', (text, code) => {
    expect(parseSbom(text)).toMatchObject({ ok: false, fault: { code } });
  });

  it('never throws, whatever comes in', () => {
    fc.assert(fc.property(fc.json(), (text) => void parseSbom(text)));
  });
});

describe('completeSbom', () => {
  const deb = (name: string, upstream = '') => ({
    name,
    version: '1',
    purl: `pkg:deb/debian/${name}@1?distro=debian-12${upstream === '' ? '' : `&upstream=${upstream}`}`,
  });

  it.each<[string, readonly SpdxEntry[], string | null]>([
    ['no packages', [], 'lists no packages'],
    ['no distribution', [{ name: 'tar', version: '1', purl: 'pkg:deb/debian/tar@1' }], 'which distribution'],
    ['no source names', [deb('libc6'), deb('tar')], 'source packages'],
    ['source names', [deb('libc6', 'glibc'), deb('tar')], null],
    ['only packages named like their source', [deb('tar'), deb('bash')], null],
    ['two kinds of packages', [deb('tar'), { name: 'a', version: '1', purl: 'pkg:apk/alpine/a@1' }], 'mixes'],
    [
      'no versions',
      [{ name: 'tar', version: '', purl: 'pkg:deb/debian/tar?distro=debian-12' }],
      'without their versions',
    ],
    [
      'a distribution without its packages',
      [
        { name: 'debian', version: '12', purpose: 'OPERATING-SYSTEM' },
        { name: 'a', version: '1', purl: 'pkg:npm/a@1' },
      ],
      'none of its packages',
    ],
    ['language packages alone', [{ name: 'a', version: '1', purl: 'pkg:npm/a@1' }], null],
  ])('%s', (_, entries, reason) => {
    const completed = completeSbom(parsed(spdx(entries)));
    if (reason === null) expect(completed.ok).toBe(true);
    else expect(completed).toMatchObject({ ok: false, fault: expect.stringContaining(reason) });
  });
});

describe('writing', () => {
  const sbom = parsed(
    spdx([
      {
        name: 'libssl3',
        version: '3.0.11-1',
        purl: 'pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl',
      },
      { name: 'a', version: '1.0.0', purl: 'pkg:npm/%40scope/a@1.0.0' },
      { name: 'log4j-core', version: '2.14.0', purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.0' },
    ]),
  );
  const subject = { name: 'x', digest: `sha256:${'a'.repeat(64)}` };

  it('CycloneDX says the distribution and the source packages in both tools’ words', () => {
    const text = writeCycloneDx(sbom, subject);
    expect(JSON.parse(text)).toMatchObject({
      components: [
        { type: 'operating-system', name: 'debian', version: '12' },
        { name: 'libssl3', properties: [{ name: 'aquasecurity:trivy:SrcName', value: 'openssl' }] },
        { group: '@scope', name: 'a' },
        { group: 'org.apache.logging.log4j', name: 'log4j-core' },
      ],
    });
    expect(writeCycloneDx(sbom, subject)).toBe(text);
  });

  it.each(['cyclonedx', 'spdx'])('%s is read back as it was', (format) => {
    const text =
      format === 'spdx'
        ? writeSpdx(sbom, { ...subject, created: new Date('2026-11-01T00:00:00Z') })
        : writeCycloneDx(sbom, subject);
    const again = parsed(text);
    expect(again.os).toEqual(sbom.os);
    expect(again.packages.map((item) => [item.type, item.version, item.source?.name])).toEqual(
      sbom.packages.map((item) => [item.type, item.version, item.source?.name]),
    );
  });
});
