import { describe, expect, it } from 'vitest';
import type { FileExtraction } from '../../src/extract/format.ts';
import { formats } from '../../src/extract/formats/list.ts';
import { linkExtractions } from '../../src/extract/link.ts';

const OLD = `sha256:${'a1'.repeat(32)}`;
const OTHER = `sha256:${'b2'.repeat(32)}`;

/** Extracts files by their paths, as a pass would. */
function extractAll(files: Readonly<Record<string, string>>): FileExtraction[] {
  return Object.entries(files).flatMap(([path, text]) =>
    formats
      .filter((format) => format.matchesPath(path) && (format.mayHold?.(text) ?? true))
      .map((format) => format.extract({ path, text })),
  );
}

function link(files: Readonly<Record<string, string>>) {
  const { extractions, findings } = linkExtractions(extractAll(files));
  const sites = extractions.flatMap((extraction) => extraction.sites);
  return {
    findings,
    sites,
    pins: sites
      .map((site) => `${site.file}:${site.line} ${site.kind} ${site.name ?? '-'} ${site.pin ?? '-'}`)
      .sort(),
    skips: sites
      .filter((site) => site.skip !== null)
      .map((site) => `${site.file}:${site.line} ${site.skip?.reason}`),
    skipped: extractions.flatMap((extraction) => extraction.skipped).map((skip) => skip.text),
  };
}

const DOCKERFILE = `ARG PYTHON_IMAGE=python:3.11@${OLD}\nFROM \${PYTHON_IMAGE} AS base\nFROM base\n`;

const workflow = (step: string, env = '') => `on: push
${env}jobs:
  build:
    runs-on: ubuntu-latest
    steps:
${step}`;

const buildStep = (args: string, more = '') =>
  `      - uses: docker/build-push-action@v6
        with:
          context: .
${more}          build-args: |
            ${args}
`;

describe('build-arg pins', () => {
  it('joins an ARG with the build argument of the build that names its Dockerfile', () => {
    const { pins, findings } = link({
      'docker/api/Dockerfile': DOCKERFILE,
      'docker/web/Dockerfile': DOCKERFILE,
      '.github/workflows/build.yml': workflow(
        buildStep(`PYTHON_IMAGE=python:3.11@${OLD}`, '          file: docker/api/Dockerfile\n'),
      ),
    });
    expect(findings).toEqual([]);
    expect(pins).toEqual([
      '.github/workflows/build.yml:11 build-arg PYTHON_IMAGE arg:PYTHON_IMAGE@docker/api/Dockerfile',
      'docker/api/Dockerfile:1 arg-default PYTHON_IMAGE arg:PYTHON_IMAGE@docker/api/Dockerfile',
      'docker/web/Dockerfile:1 arg-default PYTHON_IMAGE -',
    ]);
  });

  it.each([
    [
      'workflow script',
      '.github/workflows/b.yml',
      workflow(
        `      - run: docker build --build-arg PYTHON_IMAGE=python:3.11@${OLD} -f docker/api/Dockerfile .\n`,
      ),
    ],
    [
      'workflow script after cd',
      '.github/workflows/b.yml',
      workflow(
        `      - run: |\n          cd docker/api && docker buildx build --build-arg "PYTHON_IMAGE=python:3.11@${OLD}" .\n`,
      ),
    ],
    [
      'workflow environment',
      '.github/workflows/b.yml',
      workflow(
        '      - run: docker build --build-arg PYTHON_IMAGE=$PY docker/api\n',
        `env:\n  PY: python:3.11@${OLD}\n`,
      ),
    ],
    [
      'workflow expression',
      '.github/workflows/b.yml',
      workflow(
        '      - run: podman build --build-arg PYTHON_IMAGE=${{ env.PY }} docker/api\n',
        `env:\n  PY: python:3.11@${OLD}\n`,
      ),
    ],
    [
      'GitLab script',
      '.gitlab-ci.yml',
      `build:\n  variables: {PY: "python:3.11@${OLD}"}\n  script:\n    - buildah bud --build-arg PYTHON_IMAGE=$PY -f docker/api/Dockerfile .\n`,
    ],
    [
      'Compose map',
      'compose.yaml',
      `services:\n  api:\n    build:\n      context: docker/api\n      args:\n        PYTHON_IMAGE: python:3.11@${OLD}\n`,
    ],
    [
      'Compose list',
      'deploy/compose.yaml',
      `services:\n  api:\n    build:\n      context: ..\n      dockerfile: docker/api/Dockerfile\n      args: ["PYTHON_IMAGE=python:3.11@${OLD}"]\n`,
    ],
    [
      'dev container',
      'docker/api/.devcontainer/devcontainer.json',
      `{"build": {"dockerfile": "../Dockerfile", "args": {"PYTHON_IMAGE": "python:3.11@${OLD}"}}}`,
    ],
    [
      'Skaffold',
      'skaffold.yaml',
      `apiVersion: skaffold/v4beta11\nkind: Config\nbuild:\n  artifacts:\n    - image: api\n      context: docker/api\n      docker:\n        buildArgs: {PYTHON_IMAGE: "python:3.11@${OLD}"}\n`,
    ],
    [
      'bake',
      'docker-bake.json',
      `{"target": {"api": {"context": "docker/api", "args": {"PYTHON_IMAGE": "python:3.11@${OLD}"}}}}`,
    ],
    [
      'Tekton',
      'ci/run.yaml',
      `apiVersion: tekton.dev/v1\nkind: PipelineRun\nspec:\n  params:\n    - {name: DOCKERFILE, value: docker/api/Dockerfile}\n    - name: BUILD_ARGS\n      value: ["PYTHON_IMAGE=python:3.11@${OLD}"]\n`,
    ],
    [
      'Cloud Build',
      'cloudbuild.yaml',
      `steps:\n  - name: gcr.io/cloud-builders/docker\n    args: [build, --build-arg, "PYTHON_IMAGE=python:3.11@${OLD}", docker/api]\n`,
    ],
    [
      'Cross',
      'Cross.toml',
      `[target.a.dockerfile]\nfile = "docker/api/Dockerfile"\nbuild-args = { PYTHON_IMAGE = "python:3.11@${OLD}" }\n`,
    ],
  ])('%s', (_name, path, text) => {
    const { sites, findings } = link({
      'docker/api/Dockerfile': DOCKERFILE,
      'docker/web/Dockerfile': DOCKERFILE,
      [path]: text,
    });
    const joined = sites.filter((site) => site.pin === 'arg:PYTHON_IMAGE@docker/api/Dockerfile');
    expect(joined.map((site) => site.file).sort()).toEqual([path, 'docker/api/Dockerfile'].sort());
    expect(joined.every((site) => site.image.digest === OLD)).toBe(true);
    expect(findings).toEqual([]);
  });

  it('does not depend on the order of the files', () => {
    const files = {
      'a/Dockerfile': DOCKERFILE,
      'b/Dockerfile': DOCKERFILE,
      'x.env': '',
      '.github/workflows/build.yml': workflow(
        '      - run: docker build --build-arg PYTHON_IMAGE=$P a\n      - run: docker build --build-arg PYTHON_IMAGE=$P b\n',
        `env:\n  P: python:3.11@${OLD}\n`,
      ),
    };
    const forwards = link(files).pins;
    const backwards = link(Object.fromEntries(Object.entries(files).reverse())).pins;
    expect(backwards).toEqual(forwards);
    expect(new Set(forwards.map((line) => line.split(' ').at(-1)))).toEqual(
      new Set(['arg:PYTHON_IMAGE@a/Dockerfile']),
    );
  });

  it('goes by name where the build does not say, and reports what it cannot know', () => {
    const files = {
      'a/Dockerfile': DOCKERFILE,
      '.gitlab-ci.yml': `build:\n  script:\n    - docker build --build-arg PYTHON_IMAGE=python:3.11@${OLD} -f $FILE $DIR\n`,
    };
    expect(link(files).findings).toEqual([]);
    const { findings, pins } = link({
      ...files,
      'b/Dockerfile': DOCKERFILE.replace('3.11', '3.12'),
    });
    expect(findings.map(({ code, file, line }) => `${code} ${file}:${line}`)).toEqual([
      'ambiguous-build .gitlab-ci.yml:3',
    ]);
    expect(pins).toContain('b/Dockerfile:1 arg-default PYTHON_IMAGE -');
    expect(pins).toContain('a/Dockerfile:1 arg-default PYTHON_IMAGE arg:PYTHON_IMAGE@a/Dockerfile');
  });

  it('takes a value for an image only where an ARG of its name names one', () => {
    const dockerfile = `ARG RUNTIME=debian:12\nARG VERSION=1.2\nFROM \${RUNTIME}\nRUN echo \${VERSION}\n`;
    const { sites } = link({
      Dockerfile: dockerfile,
      'compose.yaml':
        'services:\n  a:\n    build:\n      args: {RUNTIME: "debian:13", VERSION: "host:1.3", OTHER: "a/b:1"}\n',
    });
    expect(sites.map((site) => `${site.file} ${site.name} ${site.text}`).sort()).toEqual([
      'Dockerfile RUNTIME debian:12',
      'compose.yaml RUNTIME debian:13',
    ]);
  });

  it('says which digest the build really uses', () => {
    const { findings, pins } = link({
      Dockerfile: DOCKERFILE,
      '.github/workflows/b.yml': workflow(buildStep(`PYTHON_IMAGE=python:3.11@${OTHER}`)),
    });
    expect(findings).toMatchObject([{ code: 'digest-disagreement', file: 'Dockerfile', line: 1 }]);
    expect(findings[0]?.message).toContain('injects python:3.11@b2b2b2b2, and that is what builds there use');
    expect(pins.every((line) => line.endsWith('arg:PYTHON_IMAGE@Dockerfile'))).toBe(true);
  });

  it('lets other tags of a matrix follow themselves', () => {
    const { findings, sites } = link({
      Dockerfile: DOCKERFILE,
      'compose.yaml': `services:\n  a:\n    build:\n      args: {PYTHON_IMAGE: "python:3.12@${OTHER}"}\n`,
    });
    expect(findings).toMatchObject([{ code: 'image-disagreement' }]);
    expect(sites.map((site) => site.pin)).toEqual([null, null]);
  });

  it('joins re-declarations in stages', () => {
    const { pins } = link({
      Dockerfile: `ARG PYTHON_IMAGE=python:3.11@${OLD}\nFROM \${PYTHON_IMAGE}\nARG PYTHON_IMAGE=python:3.11@${OLD}\nLABEL base=$PYTHON_IMAGE\n`,
    });
    expect(pins).toEqual([
      'Dockerfile:1 arg-default PYTHON_IMAGE arg:PYTHON_IMAGE@Dockerfile',
      'Dockerfile:3 arg-default PYTHON_IMAGE arg:PYTHON_IMAGE@Dockerfile',
    ]);
  });
});

describe('digests standing alone', () => {
  it('moves with the image of the same digest beside it', () => {
    const { sites, pins } = link({
      '.github/workflows/b.yml': workflow(
        buildStep(`PYTHON_IMAGE=python:3.11@${OLD}\n            PYTHON_DIGEST=${OLD}`),
      ),
      Dockerfile: DOCKERFILE,
    });
    const twin = sites.find((site) => site.name === 'PYTHON_DIGEST');
    expect(twin).toMatchObject({
      image: { tag: '3.11', digest: OLD },
      slots: [{ holds: 'digest', text: OLD }],
      twin: true,
    });
    expect(sites.filter((site) => site.twin === true)).toEqual([twin]);
    expect(pins.filter((line) => line.endsWith('arg:PYTHON_IMAGE@Dockerfile'))).toHaveLength(3);
  });

  it('moves with the ARG beside it, and with what injects both', () => {
    const { pins } = link({
      'api/Dockerfile': `ARG PYTHON_IMAGE=python:3.11@${OLD}\nARG PYTHON_DIGEST=${OLD}\nFROM \${PYTHON_IMAGE}\nARG PYTHON_DIGEST\nLABEL digest=$PYTHON_DIGEST\n`,
      'compose.yaml': `services:\n  a:\n    build:\n      context: api\n      args: {PYTHON_IMAGE: "python:3.11@${OLD}", PYTHON_DIGEST: "${OLD}"}\n`,
    });
    expect(pins).toEqual([
      'api/Dockerfile:1 arg-default PYTHON_IMAGE arg:PYTHON_IMAGE@api/Dockerfile',
      'api/Dockerfile:2 arg-default PYTHON_DIGEST arg:PYTHON_IMAGE@api/Dockerfile',
      'compose.yaml:5 build-arg PYTHON_DIGEST arg:PYTHON_IMAGE@api/Dockerfile',
      'compose.yaml:5 build-arg PYTHON_IMAGE arg:PYTHON_IMAGE@api/Dockerfile',
    ]);
  });

  it('belongs to the composed FROM of its ARG', () => {
    const { pins } = link({
      Dockerfile: `ARG DIGEST=${OLD}\nFROM python:3.11@\${DIGEST}\n`,
      'compose.yaml': `services:\n  a:\n    build:\n      args: {DIGEST: "${OLD}"}\n`,
    });
    expect(pins).toEqual([
      expect.stringMatching(/^Dockerfile:1 .* arg:DIGEST@Dockerfile$/),
      'compose.yaml:4 build-arg DIGEST arg:DIGEST@Dockerfile',
    ]);
  });

  it('follows the tag that a comment names for its image, and leaves the comment to that', () => {
    const { sites, pins } = link({
      Dockerfile: `# python:3.11 (pinned 2026-01-31)\nARG PYTHON_IMAGE=python@${OLD}\nARG PYTHON_DIGEST=${OLD}\nFROM \${PYTHON_IMAGE}\n`,
    });
    expect(pins).toHaveLength(2);
    expect(sites.map(({ tagHint }) => [tagHint?.image.tag, tagHint?.slots.length])).toEqual([
      ['3.11', 2],
      ['3.11', 0],
    ]);
  });

  it('is no twin of a composed FROM, whose tag nobody can write', () => {
    const { sites } = link({
      Dockerfile: `ARG DIGEST=${OLD}\nFROM python:3.11@\${DIGEST}\n`,
      'compose.yaml': `services:\n  a:\n    build:\n      args: {DIGEST: "${OLD}"}\n`,
    });
    expect(sites.map(({ twin }) => twin)).toEqual([undefined, undefined]);
  });

  it.each([
    ['2.2.0', 'nvcr.io/nvidia/isaac-lab:2.2.0', 'arg:TAG@Dockerfile'],
    // The tag that is injected counts, not the default's.
    ['2.3.0', 'nvcr.io/nvidia/isaac-lab:2.3.0', null],
  ])('follows a tag in one build argument: %s', (tag, image, pin) => {
    const { sites, findings } = link({
      Dockerfile: `ARG TAG=2.2.0@${OLD}\nFROM nvcr.io/nvidia/isaac-lab:\${TAG}\n`,
      'build.sh': `docker build --build-arg TAG=${tag}@${OLD} .\n`,
    });
    const [, injected] = sites;
    expect(sites).toHaveLength(2);
    expect(injected?.image.text).toBe(`${image}@${OLD}`);
    expect(injected?.slots.map((slot) => slot.text)).toEqual([OLD]);
    expect(injected?.pin).toBe(pin);
    expect(findings.map((finding) => finding.code)).toEqual(pin === null ? ['image-disagreement'] : []);
  });

  it('is left alone where its image has another digest', () => {
    const { sites, findings } = link({
      'compose.yaml': `services:\n  a:\n    build:\n      args: {PYTHON_IMAGE: "python:3.11@${OLD}", PYTHON_DIGEST: "${OTHER}"}\n`,
    });
    expect(sites.map((site) => site.name)).toEqual(['PYTHON_IMAGE']);
    expect(findings).toMatchObject([{ code: 'digest-disagreement', line: 4 }]);
  });
});

describe('named contexts', () => {
  const build = (contexts: string) =>
    `services:\n  a:\n    build:\n      additional_contexts: {${contexts}}\n`;

  it.each([
    ['python', 'FROM python', true],
    ['python', 'FROM python:latest', true],
    ['python:3.11', 'FROM python:3.11', true],
    ['docker.io/library/python', 'FROM python', true],
    ['python', 'FROM python:3.11', false],
    ['ruby', 'FROM python', false],
  ])('%s for %s', (name, from, skips) => {
    const { skips: found } = link({ Dockerfile: `${from}\n`, 'compose.yaml': build(`"${name}": ../other`) });
    expect(found).toEqual(skips ? ['Dockerfile:1 named-context'] : []);
  });

  it('is reported where only some builds have it', () => {
    const { skips, findings } = link({
      Dockerfile: 'FROM python\n',
      'compose.yaml': `${build('python: ../x')}  b:\n    build: .\n`,
    });
    expect(skips).toEqual(['Dockerfile:1 named-context']);
    expect(findings).toMatchObject([{ code: 'named-context', file: 'Dockerfile', line: 1 }]);
  });
});

describe('the .env beside a Compose file', () => {
  it('holds the images that services and builds read from it', () => {
    const { pins, skipped } = link({
      '.env': `PYTHON_IMAGE=python:3.11@${OLD}\nDB=postgres:16\nREDIS=redis:7@${OLD}\nPORT=8080\n`,
      'compose.yaml':
        `services:\n  api:\n    build:\n      context: api\n      args: {PYTHON_IMAGE: "\${PYTHON_IMAGE}"}\n` +
        `  db: {image: "\${DB}"}\n  cache: {image: "\${REDIS:-redis:7@${OLD}}"}\n  other: {image: "\${GONE}"}\n`,
      'api/Dockerfile': DOCKERFILE,
      'elsewhere/compose.yaml': 'services: {a: {image: "${DB}"}}\n',
    });
    expect(pins).toEqual([
      '.env:1 variable PYTHON_IMAGE arg:PYTHON_IMAGE@api/Dockerfile',
      '.env:2 variable DB -',
      '.env:3 variable REDIS REDIS@.env',
      'api/Dockerfile:1 arg-default PYTHON_IMAGE arg:PYTHON_IMAGE@api/Dockerfile',
      'compose.yaml:7 image REDIS REDIS@.env',
    ]);
    expect(skipped.sort()).toEqual(['${DB}', '${GONE}', 'base']);
  });

  it('goes to the Dockerfile that the build names, and to no other of the same image', () => {
    const { pins, findings } = link({
      '.env': `PYTHON_IMAGE=python:3.11@${OLD}\n`,
      'api/Dockerfile': DOCKERFILE,
      'web/Dockerfile': DOCKERFILE,
      'compose.yaml':
        'services:\n  a:\n    build:\n      context: api\n      args: {PYTHON_IMAGE: "${PYTHON_IMAGE:?}"}\n',
    });
    expect(findings).toEqual([]);
    expect(pins).toEqual([
      '.env:1 variable PYTHON_IMAGE arg:PYTHON_IMAGE@api/Dockerfile',
      'api/Dockerfile:1 arg-default PYTHON_IMAGE arg:PYTHON_IMAGE@api/Dockerfile',
      'web/Dockerfile:1 arg-default PYTHON_IMAGE -',
    ]);
  });
});
