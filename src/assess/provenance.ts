import type { Digest } from '../domain/digest.ts';
import type { Result } from '../domain/errors.ts';

/** What SLSA provenance says of a build. Texts are the attester's own; null where it does not say. */
export type ProvenanceFact = {
  readonly version: 'v0.2' | 'v1';
  readonly builder: string | null;
  /** The source repository as a URL without `git+`, reference and `.git`: `https://github.com/owner/name`. */
  readonly source: string | null;
  /** `refs/heads/main`, `refs/tags/v1.0`. */
  readonly ref: string | null;
  readonly buildType: string | null;
};

/** An in-toto statement (v0.1 or v1), as far as Pinwheel reads it. */
export type Statement = {
  readonly predicateType: string;
  readonly subjects: readonly { readonly name: string | null; readonly digests: readonly string[] }[];
  readonly predicate: unknown;
};

const STATEMENT_TYPES: ReadonlySet<string> = new Set([
  'https://in-toto.io/Statement/v0.1',
  'https://in-toto.io/Statement/v1',
]);
const SLSA_V02 = 'https://slsa.dev/provenance/v0.2';
const SLSA_V1: ReadonlySet<string> = new Set([
  'https://slsa.dev/provenance/v1',
  'https://slsa.dev/provenance/v1.0',
]);
const MAX_SUBJECTS = 1000;
const MAX_TEXT = 2048;

/** Reads an in-toto statement from JSON text. The fault is one sentence. Pure; never throws. */
export function parseStatement(text: string): Result<Statement, string> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { ok: false, fault: 'the statement is not JSON' };
  }
  const type = textAt(data, '_type');
  if (type === null || !STATEMENT_TYPES.has(type)) {
    return { ok: false, fault: `not an in-toto statement: _type is ${JSON.stringify(type)}` };
  }
  const predicateType = textAt(data, 'predicateType');
  const subject = at(data, 'subject');
  if (predicateType === null) return { ok: false, fault: 'the statement has no predicateType' };
  if (!Array.isArray(subject)) return { ok: false, fault: 'the statement has no subject' };
  if (subject.length > MAX_SUBJECTS) {
    return { ok: false, fault: `the statement has more than ${MAX_SUBJECTS} subjects` };
  }
  const subjects = subject.map((item: unknown) => {
    const digest = at(item, 'digest');
    const entries = typeof digest === 'object' && digest !== null ? Object.entries(digest) : [];
    return {
      name: textAt(item, 'name'),
      digests: entries.flatMap(([algorithm, hex]: [string, unknown]) =>
        typeof hex === 'string' ? [`${algorithm}:${hex.toLowerCase()}`] : [],
      ),
    };
  });
  return { ok: true, value: { predicateType, subjects, predicate: at(data, 'predicate') } };
}

/** Whether a statement speaks of this digest. */
export function isAbout(statement: Statement, digest: Digest): boolean {
  return statement.subjects.some((subject) => subject.digests.includes(digest));
}

/** What a signed statement about an image is. */
export type AttestationKind = 'provenance' | 'sbom' | 'vex' | 'other';

/** What kind of attestation a predicate type names. */
export function attestationKind(predicateType: string): AttestationKind {
  if (predicateType.startsWith('https://slsa.dev/provenance/')) return 'provenance';
  if (
    predicateType.startsWith('https://spdx.dev/Document') ||
    predicateType === 'https://cyclonedx.org/bom'
  ) {
    return 'sbom';
  }
  if (predicateType.startsWith('https://cyclonedx.org/bom/')) return 'sbom';
  if (
    predicateType.startsWith('https://openvex.dev/ns') ||
    predicateType.startsWith('https://cyclonedx.org/vex')
  ) {
    return 'vex';
  }
  return 'other';
}

/**
 * What SLSA provenance v0.2 or v1 says; null for any other predicate. Source and reference are read from where GitHub's
 * builders, slsa-github-generator, Cloud Build and BuildKit write them. Pure; never throws.
 */
export function readProvenance(statement: Statement): ProvenanceFact | null {
  if (statement.predicateType === SLSA_V02) return readV02(statement.predicate);
  if (SLSA_V1.has(statement.predicateType)) return readV1(statement.predicate);
  return null;
}

function readV02(predicate: unknown): ProvenanceFact {
  const uri = textAt(predicate, 'invocation', 'configSource', 'uri') ?? firstGit(at(predicate, 'materials'));
  const vcs = at(predicate, 'metadata', 'https://mobyproject.org/buildkit@v1#metadata', 'vcs');
  const located = locate(uri ?? textAt(vcs, 'source'));
  return {
    version: 'v0.2',
    builder: textAt(predicate, 'builder', 'id'),
    source: located.source,
    ref: located.ref,
    buildType: textAt(predicate, 'buildType'),
  };
}

function readV1(predicate: unknown): ProvenanceFact {
  const definition = at(predicate, 'buildDefinition');
  const external = at(definition, 'externalParameters');
  // GitHub's own builder writes `workflow`, Cloud Build `buildConfigSource`: repository and ref stand apart.
  const apart = at(external, 'workflow') ?? at(external, 'buildConfigSource');
  const uri =
    textAt(apart, 'repository') ??
    textAt(external, 'source', 'uri') ??
    textAt(external, 'source') ??
    textAt(external, 'configSource', 'uri') ??
    firstGit(at(definition, 'resolvedDependencies')) ??
    textAt(predicate, 'runDetails', 'metadata', 'buildkit_metadata', 'vcs', 'source');
  const located = locate(uri);
  return {
    version: 'v1',
    builder: textAt(predicate, 'runDetails', 'builder', 'id'),
    source: located.source,
    ref: textAt(apart, 'ref') ?? located.ref,
    buildType: textAt(definition, 'buildType'),
  };
}

/** The first dependency that is a git repository: by SLSA's convention the source. */
function firstGit(list: unknown): string | null {
  if (!Array.isArray(list)) return null;
  for (const item of list.slice(0, MAX_SUBJECTS)) {
    const uri = textAt(item, 'uri');
    if (uri?.startsWith('git+')) return uri;
  }
  return null;
}

/** Splits `git+https://github.com/o/r.git@refs/heads/main` (SPDX form) and `https://…/r.git#refs/heads/main` (BuildKit's). */
function locate(uri: string | null): { readonly source: string | null; readonly ref: string | null } {
  if (uri === null || uri === '') return { source: null, ref: null };
  const bare = uri.startsWith('git+') ? uri.slice(4) : uri;
  const hash = bare.indexOf('#');
  const beforeHash = hash < 0 ? bare : bare.slice(0, hash);
  // An "@" before the path belongs to a user name.
  const at = beforeHash.indexOf('@', beforeHash.indexOf('/', beforeHash.indexOf('//') + 2));
  const base = at < 0 ? beforeHash : beforeHash.slice(0, at);
  const written = at >= 0 ? beforeHash.slice(at + 1) : hash >= 0 ? bare.slice(hash + 1) : '';
  const ref = written.startsWith('refs/') ? written : null;
  const trimmed = base.endsWith('/') ? base.slice(0, -1) : base;
  return { source: trimmed.endsWith('.git') ? trimmed.slice(0, -4) : trimmed, ref };
}

function at(data: unknown, ...path: readonly string[]): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

function textAt(data: unknown, ...path: readonly string[]): string | null {
  const value = at(data, ...path);
  return typeof value === 'string' && value.length <= MAX_TEXT ? value : null;
}
