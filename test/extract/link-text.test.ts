import { describe, expect, it } from 'vitest';
import { formats } from '../../src/extract/formats/list.ts';
import { linkExtractions } from '../../src/extract/link.ts';

const OLD = `sha256:${'a1'.repeat(32)}`;
const DOCKERFILE = `ARG PYTHON_IMAGE=python:3.11@${OLD}\nFROM \${PYTHON_IMAGE}\n`;

function link(files: Readonly<Record<string, string>>) {
  const extractions = Object.entries(files).flatMap(([path, text]) =>
    formats
      .filter((format) => format.matchesPath(path) && (format.mayHold?.(text) ?? true))
      .map((format) => format.extract({ path, text })),
  );
  const linked = linkExtractions(extractions);
  return { findings: linked.findings, sites: linked.extractions.flatMap((extraction) => extraction.sites) };
}

describe('build arguments in scripts and programs', () => {
  it.each([
    [
      'Bake',
      'docker-bake.hcl',
      `target "api" {\n  context = "docker/api"\n  args = { PYTHON_IMAGE = "python:3.11@${OLD}" }\n}`,
    ],
    [
      'Bake, a variable in a target that is inherited',
      'docker-bake.hcl',
      `variable "PY" { default = "python:3.11@${OLD}" }\ntarget "_c" { args = { PYTHON_IMAGE = PY } }\ntarget "api" {\n  inherits = ["_c"]\n  dockerfile = "docker/api/Dockerfile"\n}`,
    ],
    [
      'Makefile',
      'Makefile',
      `PY ?= python:3.11@${OLD}\nbuild:\n\tdocker build --build-arg PYTHON_IMAGE=$(PY) docker/api\n`,
    ],
    [
      'Makefile beside it',
      'docker/api/Makefile',
      `build:\n\t@docker build --build-arg PYTHON_IMAGE=python:3.11@${OLD} .\n`,
    ],
    [
      'script',
      'scripts/build.sh',
      `docker build -f docker/api/Dockerfile --build-arg PYTHON_IMAGE=python:3.11@${OLD} .\n`,
    ],
    [
      'script beside it',
      'docker/api/build.sh',
      `podman build --build-arg PYTHON_IMAGE=python:3.11@${OLD} .\n`,
    ],
    [
      'script after cd',
      'build.sh',
      `PY=\${PY:-python:3.11@${OLD}}\ncd docker/api\nbuildah bud --build-arg "PYTHON_IMAGE=$PY" .\n`,
    ],
    [
      'Jenkinsfile',
      'Jenkinsfile',
      `docker.build('a', "--build-arg PYTHON_IMAGE=python:3.11@${OLD} docker/api")\n`,
    ],
    [
      'Jenkinsfile, an agent',
      'Jenkinsfile',
      `agent { dockerfile { dir 'docker/api'; additionalBuildArgs '--build-arg PYTHON_IMAGE=python:3.11@${OLD}' } }\n`,
    ],
    [
      'Earthfile',
      'Earthfile',
      `VERSION 0.8\na:\n  FROM DOCKERFILE --build-arg PYTHON_IMAGE=python:3.11@${OLD} docker/api\n`,
    ],
    [
      'Quadlet',
      'docker/api/a.build',
      `[Build]\nImageTag=a\nFile=Dockerfile\nBuildArg=PYTHON_IMAGE=python:3.11@${OLD}\n`,
    ],
  ])('%s', (_name, path, text) => {
    const { sites, findings } = link({
      'docker/api/Dockerfile': DOCKERFILE,
      'docker/web/Dockerfile': DOCKERFILE,
      [path]: text,
    });
    const joined = sites.filter((site) => site.pin === 'arg:PYTHON_IMAGE@docker/api/Dockerfile');
    expect(joined.map((site) => site.file).sort()).toEqual([path, 'docker/api/Dockerfile'].sort());
    expect(findings).toEqual([]);
  });

  it.each([
    ['Makefile', 'Makefile', `PYTHON_IMAGE := python:3.11@${OLD}\n`],
    ['options in a variable', 'build.mk', `ARGS += --build-arg PYTHON_IMAGE=python:3.11@${OLD}\n`],
    ['script', 'x.sh', `export PYTHON_IMAGE="python:3.11@${OLD}"\n`],
    ['options in a list', 'x.sh', `args=(--build-arg PYTHON_IMAGE=python:3.11@${OLD})\n`],
    ['.env', '.env', `PYTHON_IMAGE=python:3.11@${OLD}\n`],
    ['Bake', 'docker-bake.hcl', `variable "PYTHON_IMAGE" { default = "python:3.11@${OLD}" }\n`],
    ['Jenkinsfile', 'Jenkinsfile', `environment { PYTHON_IMAGE = 'python:3.11@${OLD}' }\n// docker`],
  ])('by name: %s', (_name, path, text) => {
    const { sites } = link({ 'docker/api/Dockerfile': DOCKERFILE, [path]: text });
    expect(sites.map((site) => `${site.file} ${site.pin}`).sort()).toEqual(
      [path, 'docker/api/Dockerfile'].map((file) => `${file} arg:PYTHON_IMAGE@docker/api/Dockerfile`).sort(),
    );
  });

  it('takes from an .env file what Compose reads as an image, and not what a service builds', () => {
    const { sites } = link({
      '.env': 'DB_IMAGE=postgres:16\nAPP_IMAGE=acme/app:dev\n',
      'compose.yaml':
        'services:\n  db:\n    image: ${DB_IMAGE}\n  app:\n    build: .\n    image: ${APP_IMAGE}\n',
    });
    expect(sites.filter(({ skip }) => skip === null).map((site) => `${site.file} ${site.text}`)).toEqual([
      '.env postgres:16',
    ]);
  });

  it('moves the digest that stands beside its image', () => {
    const { sites } = link({
      Makefile: `PYTHON_IMAGE = python:3.11@${OLD}\nPYTHON_DIGEST = ${OLD}\nOTHER_DIGEST = sha256:${'b2'.repeat(32)}\n`,
    });
    expect(sites.map((site) => `${site.name} ${site.slots[0].holds}`)).toEqual([
      'PYTHON_IMAGE reference',
      'PYTHON_DIGEST digest',
    ]);
    expect(new Set(sites.map(({ pin }) => pin)).size).toBe(1);
  });

  it.each([
    ['Makefile', 'Makefile', 'IMAGE = acme/app:dev\nb:\n\tdocker build -t $(IMAGE) .\n'],
    ['Makefile, pushed', 'Makefile', 'APP_IMAGE = acme/app:dev\nb:\n\t$(DOCKER) push $(APP_IMAGE)\n'],
    ['script', 'b.sh', 'IMAGE="acme/app:dev"\ndocker buildx build --tag="${IMAGE}" .\n'],
    ['Jenkinsfile', 'Jenkinsfile', 'def appImage_IMAGE = "acme/app:dev"\ndocker.build(appImage_IMAGE)\n'],
    [
      'Terraform',
      'a.tf',
      'resource "docker_image" "a" {\n  name = "acme/app:1"\n  build { context = "." }\n}\n',
    ],
    ['Earthfile', 'Earthfile', 'a:\n  FROM +b\n  SAVE IMAGE acme/app:1\n'],
    ['Gradle', 'build.gradle', 'jib { to { image = "acme/app:1" } }'],
    [
      'Bazel',
      'WORKSPACE',
      'http_archive(name = "pull", sha256 = "a")\noci_push(name = "x", repository = "acme/app")\n',
    ],
  ])('leaves alone what is built: %s', (_name, path, text) => {
    expect(link({ [path]: text }).sites).toEqual([]);
  });
});
