import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attestationKind, isAbout, parseStatement, readProvenance } from '../../src/assess/provenance.ts';
import { toDigest } from '../../src/domain/digest.ts';

const HEX = 'a'.repeat(64);

function statement(predicateType: string, predicate: unknown): string {
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [{ name: 'x', digest: { sha256: HEX } }],
    predicateType,
    predicate,
  });
}

const V02 = 'https://slsa.dev/provenance/v0.2';
const V1 = 'https://slsa.dev/provenance/v1';

test.each<readonly [string, string, unknown, object]>([
  [
    'slsa-github-generator, v0.2',
    V02,
    {
      builder: {
        id: 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.0.0',
      },
      buildType: 'b',
      invocation: {
        configSource: {
          uri: 'git+https://github.com/acme/app@refs/heads/main',
          digest: { sha1: 'x' },
          entryPoint: '.github/workflows/r.yml',
        },
      },
    },
    { version: 'v0.2', source: 'https://github.com/acme/app', ref: 'refs/heads/main', buildType: 'b' },
  ],
  [
    'BuildKit, v0.2',
    V02,
    {
      builder: { id: '' },
      invocation: { configSource: { uri: 'https://github.com/acme/app.git#refs/pull/7/merge' } },
    },
    { builder: '', source: 'https://github.com/acme/app', ref: 'refs/pull/7/merge' },
  ],
  [
    'BuildKit, v0.2, a local context',
    V02,
    {
      builder: { id: '' },
      invocation: { configSource: {} },
      metadata: {
        'https://mobyproject.org/buildkit@v1#metadata': {
          vcs: { source: 'https://github.com/acme/app', revision: 'abc' },
        },
      },
    },
    { source: 'https://github.com/acme/app', ref: null },
  ],
  [
    'materials',
    V02,
    {
      materials: [
        { uri: 'pkg:docker/debian' },
        { uri: 'git+ssh://git@github.com/acme/app.git@refs/tags/v1' },
      ],
    },
    { source: 'ssh://git@github.com/acme/app', ref: 'refs/tags/v1' },
  ],
  [
    'GitHub, v1',
    V1,
    {
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: {
          workflow: { ref: 'refs/heads/main', repository: 'https://github.com/acme/app', path: 'r.yml' },
        },
      },
      runDetails: { builder: { id: 'https://github.com/actions/runner/github-hosted' } },
    },
    {
      version: 'v1',
      builder: 'https://github.com/actions/runner/github-hosted',
      source: 'https://github.com/acme/app',
      ref: 'refs/heads/main',
    },
  ],
  [
    'Cloud Build, v1',
    V1,
    {
      buildDefinition: {
        externalParameters: {
          buildConfigSource: { ref: 'refs/heads/x', repository: 'git+https://github.com/acme/app' },
        },
      },
    },
    { source: 'https://github.com/acme/app', ref: 'refs/heads/x' },
  ],
  [
    'resolved dependencies, v1',
    V1,
    {
      buildDefinition: {
        externalParameters: {},
        resolvedDependencies: [{ uri: 'git+https://github.com/acme/app@refs/heads/main' }],
      },
    },
    { source: 'https://github.com/acme/app', ref: 'refs/heads/main' },
  ],
  [
    'a commit is no ref',
    V1,
    {
      buildDefinition: { externalParameters: { source: { uri: 'git+https://github.com/acme/app@0123abc' } } },
    },
    { source: 'https://github.com/acme/app', ref: null },
  ],
  ['nothing is said', V1, {}, { builder: null, source: null, ref: null, buildType: null }],
  ['another shape', V1, { buildDefinition: [], runDetails: 'x' }, { builder: null, source: null }],
  [
    'texts that are none',
    V02,
    { builder: { id: 7 }, invocation: { configSource: { uri: null } } },
    { builder: null, source: null },
  ],
])('%s', (_, type, predicate, want) => {
  const parsed = parseStatement(statement(type, predicate));
  expect(parsed.ok && readProvenance(parsed.value)).toMatchObject(want);
});

test.each([
  ['{', 'not JSON'],
  ['{}', 'not an in-toto statement'],
  ['{"_type":"https://in-toto.io/Statement/v1","subject":[]}', 'no predicateType'],
  ['{"_type":"https://in-toto.io/Statement/v1","predicateType":"x"}', 'no subject'],
  [
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'x',
      subject: Array(1001).fill({}),
    }),
    'more than 1000',
  ],
])('refused: %s', (text, why) => {
  const parsed = parseStatement(text);
  expect(!parsed.ok && parsed.fault).toContain(why);
});

test('a statement is about the digests it names', () => {
  const parsed = parseStatement(statement(V1, {}));
  expect(parsed.ok && isAbout(parsed.value, toDigest(`sha256:${HEX}`))).toBe(true);
  expect(parsed.ok && isAbout(parsed.value, toDigest(`sha256:${'b'.repeat(64)}`))).toBe(false);
  expect(parsed.ok && isAbout(parsed.value, toDigest(`sha512:${'a'.repeat(128)}`))).toBe(false);
});

test.each([
  [V1, 'provenance'],
  ['https://spdx.dev/Document', 'sbom'],
  ['https://spdx.dev/Document/v2.3', 'sbom'],
  ['https://cyclonedx.org/bom', 'sbom'],
  ['https://cyclonedx.org/bom/v1.6', 'sbom'],
  ['https://openvex.dev/ns/v0.2.0', 'vex'],
  ['https://example.org/x', 'other'],
])('%s is %s', (type, kind) => {
  expect(attestationKind(type)).toBe(kind);
});

test('never throws', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(V02, V1), (json, type) => {
      parseStatement(json);
      const parsed = parseStatement(
        `{"_type":"https://in-toto.io/Statement/v1","subject":${json.startsWith('[') ? json : '[]'},"predicateType":"${type}","predicate":${json}}`,
      );
      if (parsed.ok) readProvenance(parsed.value);
    }),
  );
});
