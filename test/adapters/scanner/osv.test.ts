import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { cvss3Score } from '../../../src/adapters/scanner/cvss.ts';
import { OsvScanner } from '../../../src/adapters/scanner/osv.ts';
import { osvHttp } from '../../../src/adapters/scanner/osv-http.ts';
import { osvQuery } from '../../../src/adapters/scanner/osv-query.ts';
import type { CompleteSbom } from '../../../src/assess/sbom/complete-sbom.ts';
import type { SbomPackage } from '../../../src/assess/sbom/sbom.ts';
import type { ScanSubject } from '../../../src/assess/scanner.ts';
import { digestOf } from '../../support/findings.ts';
import { memoryOsvCache } from '../../support/memory-cache.ts';

const API = 'https://api.osv.dev';
const signal = new AbortController().signal;
const subject: ScanSubject = {
  registry: 'registry.example',
  repository: 'base',
  digest: digestOf('a'),
  platform: null,
  configDigest: digestOf('c'),
};

function item(purl: string, version: string, source: string | null = null): SbomPackage {
  const type = purl.slice(4, purl.indexOf('/'));
  const name = decodeURIComponent(purl.split('@')[0]?.split('/').at(-1) ?? '');
  return {
    name,
    version,
    type,
    purl,
    source: source === null ? null : { name: source, version: null },
    location: null,
  };
}

function sbomOf(...packages: readonly SbomPackage[]): CompleteSbom {
  return { format: 'spdx', complete: true, os: { id: 'debian', version: '12.5' }, packages };
}

const OPENSSL = item('pkg:deb/debian/libssl3@3.0.11-1', '3.0.11-1', 'openssl');
const LODASH = item('pkg:npm/lodash@4.17.20', '4.17.20');

const DEBIAN_CVE = {
  id: 'DEBIAN-CVE-2026-0001',
  modified: '2026-11-01T00:00:00Z',
  upstream: ['CVE-2026-0001'],
  details: 'openssl: a flaw\nmore',
  affected: [
    {
      package: { ecosystem: 'Debian:11', name: 'openssl' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.1.1' }] }],
      ecosystem_specific: { urgency: 'low' },
    },
    {
      package: { ecosystem: 'Debian:12', name: 'openssl' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '3.0.13-1' }] }],
      ecosystem_specific: { urgency: 'high**' },
    },
  ],
};
const GHSA = {
  id: 'GHSA-aaaa-bbbb-cccc',
  modified: '2026-11-01T00:00:00Z',
  aliases: ['CVE-2026-0002'],
  summary: 'lodash: a flaw',
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
  affected: [
    {
      package: { ecosystem: 'npm', name: 'lodash' },
      ranges: [
        {
          type: 'SEMVER',
          events: [{ introduced: '0' }, { fixed: '3.10.2' }, { introduced: '4.0.0' }, { fixed: '4.17.21' }],
        },
      ],
    },
  ],
};

function scanner(backoffMs = 1): OsvScanner {
  return new OsvScanner({
    http: osvHttp({ backoffMs, timeoutMs: 2_000 }),
    cache: memoryOsvCache(),
    baseUrl: API,
  });
}

function hit(vulnerability: { readonly id: string; readonly modified: string }) {
  return { id: vulnerability.id, modified: vulnerability.modified };
}

describe('OSV.dev', () => {
  it('asks for source packages by release and languages by purl, over all pages, and each detail once', async () => {
    const debian = { package: { name: 'openssl', ecosystem: 'Debian:12' }, version: '3.0.11-1' };
    const npm = { package: { purl: 'pkg:npm/lodash@4.17.20' } };
    nock(API)
      .post('/v1/querybatch', { queries: [debian, npm] })
      .reply(200, { results: [{ vulns: [hit(DEBIAN_CVE)] }, { vulns: [], next_page_token: 'more' }] });
    nock(API)
      .post('/v1/querybatch', { queries: [{ ...npm, page_token: 'more' }] })
      .reply(200, { results: [{ vulns: [hit(GHSA), { id: 'GHSA-gone', modified: 'x' }] }] });
    nock(API).get('/v1/vulns/DEBIAN-CVE-2026-0001').reply(200, DEBIAN_CVE);
    nock(API).get('/v1/vulns/GHSA-aaaa-bbbb-cccc').reply(200, GHSA);
    nock(API).get('/v1/vulns/GHSA-gone').reply(200, { id: 'GHSA-gone', withdrawn: '2026-01-01T00:00:00Z' });
    const osv = scanner();
    const report = await osv.scanSbom(sbomOf(OPENSSL, LODASH), subject, signal);
    expect(report.findings).toMatchObject([
      {
        id: 'DEBIAN-CVE-2026-0001',
        aliases: ['CVE-2026-0001'],
        package: 'libssl3',
        fixedIn: '3.0.13-1',
        severity: 'high',
        severitySource: 'debian',
        title: 'openssl: a flaw',
      },
      {
        id: 'GHSA-aaaa-bbbb-cccc',
        aliases: ['CVE-2026-0002'],
        package: 'lodash',
        fixedIn: '4.17.21',
        severity: 'critical',
        severitySource: 'cvss',
      },
    ]);
    // Details are remembered by id and time of change: only the question is asked again.
    nock(API)
      .post('/v1/querybatch')
      .reply(200, { results: [{ vulns: [hit(DEBIAN_CVE)] }] });
    expect((await osv.scanSbom(sbomOf(OPENSSL), subject, signal)).findings).toHaveLength(1);
  });

  it('asks in batches of a thousand', async () => {
    const many = Array.from({ length: 1001 }, (_, i) => item(`pkg:npm/p${i}@1.0.0`, '1.0.0'));
    const ofSize = (size: number) => (body: { readonly queries: readonly unknown[] }) =>
      body.queries.length === size;
    for (const size of [1000, 1]) {
      nock(API)
        .post('/v1/querybatch', ofSize(size))
        .reply(200, { results: Array.from({ length: size }, () => ({})) });
    }
    expect((await scanner().scanSbom(sbomOf(...many), subject, signal)).findings).toEqual([]);
  });

  it('tries again after 429 and 5xx', async () => {
    nock(API).post('/v1/querybatch').reply(429, 'slow down', { 'retry-after': '0' });
    nock(API).post('/v1/querybatch').reply(503, 'down');
    nock(API)
      .post('/v1/querybatch')
      .reply(200, { results: [{}] });
    expect((await scanner().scanSbom(sbomOf(LODASH), subject, signal)).findings).toEqual([]);
  });

  it.each<[string, () => void, string, string]>([
    [
      'an outage',
      () => nock(API).post('/v1/querybatch').times(4).reply(503, ''),
      'unavailable',
      'answered 503',
    ],
    [
      'a refusal',
      () => nock(API).post('/v1/querybatch').reply(400, '{"code":3}'),
      'unavailable',
      'answered 400',
    ],
    [
      'a long wait',
      () => nock(API).post('/v1/querybatch').reply(429, '', { 'retry-after': '3600' }),
      'unavailable',
      'wait 3600',
    ],
    ['no JSON', () => nock(API).post('/v1/querybatch').reply(200, '<html>'), 'malformed-output', 'JSON'],
    ['no results', () => nock(API).post('/v1/querybatch').reply(200, {}), 'malformed-output', 'results'],
    [
      'too few answers',
      () => nock(API).post('/v1/querybatch').reply(200, { results: [] }),
      'malformed-output',
      '0 of 1',
    ],
    [
      'a redirect',
      () => nock(API).post('/v1/querybatch').times(4).reply(302, '', { location: 'https://evil.example' }),
      'unavailable',
      'OSV.dev',
    ],
    [
      'another vulnerability',
      () => {
        nock(API)
          .post('/v1/querybatch')
          .reply(200, { results: [{ vulns: [hit(GHSA)] }] });
        nock(API).get('/v1/vulns/GHSA-aaaa-bbbb-cccc').reply(200, DEBIAN_CVE);
      },
      'malformed-output',
      'instead of GHSA-aaaa-bbbb-cccc',
    ],
    [
      'a detail that is missing',
      () => {
        nock(API)
          .post('/v1/querybatch')
          .reply(200, { results: [{ vulns: [hit(GHSA)] }] });
        nock(API).get('/v1/vulns/GHSA-aaaa-bbbb-cccc').reply(404, '{}');
      },
      'unavailable',
      '404',
    ],
  ])('%s is no answer', async (_, arrange, code, message) => {
    arrange();
    await expect(scanner().scanSbom(sbomOf(LODASH), subject, signal)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('a distribution it does not know is not "no vulnerabilities"', async () => {
    const unknown = { ...sbomOf(OPENSSL, LODASH), os: { id: 'photon', version: '5.0' } };
    await expect(scanner().scanSbom(unknown, subject, signal)).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('osvQuery', () => {
  it.each([
    ['debian', '12.5', 'pkg:deb/debian/libssl3@1', 'Debian:12'],
    ['ubuntu', '22.04', 'pkg:deb/ubuntu/libssl3@1', 'Ubuntu:22.04:LTS'],
    ['ubuntu', '23.10', 'pkg:deb/ubuntu/libssl3@1', 'Ubuntu:23.10'],
    ['alpine', '3.18.4', 'pkg:apk/alpine/libssl3@1', 'Alpine:v3.18'],
    ['rocky', '9.3', 'pkg:rpm/rocky/openssl@1', 'Rocky Linux:9'],
    ['almalinux', '9.3', 'pkg:rpm/almalinux/openssl@1', 'AlmaLinux:9'],
    ['wolfi', '20230201', 'pkg:apk/wolfi/openssl@1', 'Wolfi'],
  ])('%s %s is %s', (id, version, purl, ecosystem) => {
    expect(osvQuery(item(purl, '1'), { id, version })?.ecosystem).toBe(ecosystem);
  });

  it.each([
    ['pkg:maven/org.apache/log4j@2.14.0', '2.14.0', 'org.apache:log4j'],
    ['pkg:npm/%40scope/a@1.0.0', '1.0.0', '@scope/a'],
    ['pkg:golang/github.com/a/b@v1.0.0', 'v1.0.0', 'github.com/a/b'],
  ])('%s', (purl, version, name) => {
    expect(osvQuery(item(purl, version), null)).toMatchObject({ name, body: { package: { purl } } });
  });
});

describe('cvss3Score', () => {
  // From the specification's examples (first.org/cvss/v3.1/examples).
  it.each([
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8],
    ['CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:L', 6.3],
    ['CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 6.1],
    ['CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H', 8.8],
    ['CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:N', 0],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', null],
    ['nonsense', null],
  ])('%s is %s', (vector, score) => {
    expect(cvss3Score(vector)).toBe(score);
  });
});
