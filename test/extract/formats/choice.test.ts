import { describe, expect, it } from 'vitest';
import { looksTagged } from '../../../src/extract/formats/common/names.ts';
import { formats } from '../../../src/extract/formats/list.ts';

const SHA = `sha256:${'ab'.repeat(32)}`;

/** Every image the formats find in a file, as `format image`; skipped ones with their reason. */
function found(path: string, text: string): string[] {
  return formats
    .filter((format) => format.matchesPath(path) && (format.mayHold?.(text) ?? true))
    .flatMap((format) => format.extract({ path, text }))
    .flatMap(({ format, sites, skipped }) => [
      ...sites.map(
        (site) => `${format} ${site.image.text}${site.skip === null ? '' : ` ${site.skip.reason}`}`,
      ),
      ...skipped.map((skip) => `${format} ${skip.text} ${skip.reason}`),
    ]);
}

const image = 'image: nginx:1.27\n';
const service = `services:\n  a:\n    ${image}`;

describe('which files are read, and as what', () => {
  it.each([
    ['compose.yaml', service, ['compose nginx:1.27']],
    ['docker-compose.yml', service, ['compose nginx:1.27']],
    ['deploy/docker-compose.prod.yaml', service, ['compose nginx:1.27']],
    ['compose.override.yml', service, ['compose nginx:1.27']],
    ['docker-stack.yml', service, ['compose nginx:1.27']],
    ['.github/workflows/a.yml', 'jobs: {a: {container: "nginx:1.27"}}\n', ['github-actions nginx:1.27']],
    ['.gitea/workflows/a.yaml', 'jobs: {a: {container: "nginx:1.27"}}\n', ['github-actions nginx:1.27']],
    [
      '.forgejo/workflows/a.yml',
      'jobs: {a: {container: {image: "nginx:1.27"}}}\n',
      ['github-actions nginx:1.27'],
    ],
    [
      'workflow-templates/a.yml',
      'jobs: {a: {services: {b: {image: "nginx:1.27"}}}}\n',
      ['github-actions nginx:1.27'],
    ],
    [
      'actions/x/action.yml',
      'runs: {using: docker, image: "docker://nginx:1.27"}\n',
      ['github-actions nginx:1.27'],
    ],
    [
      'trigger.yaml',
      'apiVersion: triggers.tekton.dev/v1beta1\nkind: TriggerTemplate\nspec: {image: "nginx:1.27"}\n',
      ['tekton nginx:1.27'],
    ],
    ['.gitlab-ci.yml', image, ['gitlab-ci nginx:1.27']],
    ['ci/build.gitlab-ci.yml', `a:\n  ${image}`, ['gitlab-ci nginx:1.27']],
    ['.gitlab/ci/build.yml', `a:\n  script: [b]\n  ${image}`, ['gitlab-ci nginx:1.27']],
    ['.circleci/config.yml', 'jobs: {a: {docker: [{image: "nginx:1.27"}]}}\n', ['circleci nginx:1.27']],
    [
      'azure-pipelines.yml',
      'resources: {containers: [{container: a, image: "nginx:1.27"}]}\n',
      ['azure-pipelines nginx:1.27'],
    ],
    [
      '.azuredevops/a.yml',
      'resources: {containers: [{container: a, image: "nginx:1.27"}]}\n',
      ['azure-pipelines nginx:1.27'],
    ],
    [
      'azure/pipelines/a.yaml',
      'resources: {containers: [{container: a, image: "nginx:1.27"}]}\n',
      ['azure-pipelines nginx:1.27'],
    ],
    ['bitbucket-pipelines.yml', image, ['bitbucket-pipelines nginx:1.27']],
    ['.drone.yml', `steps:\n- ${image}`, ['drone nginx:1.27']],
    ['.woodpecker.yml', `steps:\n  a:\n    ${image}`, ['woodpecker nginx:1.27']],
    ['.woodpecker/a.yaml', `pipeline:\n  a:\n    ${image}`, ['woodpecker nginx:1.27']],
    ['.crow/a.yaml', `steps:\n  a:\n    ${image}`, ['woodpecker nginx:1.27']],
    ['roles/a/tasks/main.yml', `- docker_container:\n    ${image}`, ['ansible nginx:1.27']],
    ['roles/a/handlers/main.yaml', `- podman_container:\n    ${image}`, ['ansible nginx:1.27']],
    ['cloudbuild.yaml', 'steps: [{name: "nginx:1.27"}]\n', ['cloud-build nginx:1.27']],
    ['cloudbuild-pr.yml', 'steps: [{name: "nginx:1.27"}]\n', ['cloud-build nginx:1.27']],
    ['cloudbuild.json', '{"steps": [{"name": "nginx:1.27"}]}', ['cloud-build nginx:1.27']],
    ['a/b/values.yaml', image, ['helm-values nginx:1.27']],
    ['values-prod.yml', image, ['helm-values nginx:1.27']],
    ['api.values.yaml', image, ['helm-values nginx:1.27']],
    ['kustomization.yml', 'images: [{name: nginx, newTag: "1.27"}]\n', ['kustomize nginx:1.27']],
    [
      'any/name.yaml',
      `apiVersion: v1\nkind: Pod\nspec: {containers: [{${image.trim()}}]}\n`,
      ['kubernetes nginx:1.27'],
    ],
    [
      'any/name.yml',
      `apiVersion: tekton.dev/v1\nkind: Task\nspec: {steps: [{${image.trim()}}]}\n`,
      ['tekton nginx:1.27'],
    ],
    ['.ko.yaml', 'defaultBaseImage: nginx:1.27\n', ['ko nginx:1.27']],
    ['.devcontainer.json', '{"image": "nginx:1.27"}', ['devcontainer nginx:1.27']],
    ['.devcontainer/x/devcontainer.json', '{"image": "nginx:1.27"}', ['devcontainer nginx:1.27']],
    [
      'skaffold.yaml',
      'apiVersion: skaffold/v4beta11\nkind: Config\nverify: [{container: {image: "nginx:1.27"}}]\n',
      ['skaffold nginx:1.27'],
    ],
    ['xcargo.toml', '[container]\nimage = "nginx:1.27"\n', ['xcargo nginx:1.27']],
    ['crates/a/Cross.toml', '[target.x]\nimage = "nginx:1.27"\n', ['cross nginx:1.27']],
    ['project.toml', '[io.buildpacks]\nbuilder = "nginx:1.27"\n', ['buildpacks nginx:1.27']],
  ])('%s', (path, text, expected) => {
    expect(found(path, text)).toEqual(expected);
  });
});

describe('what is no image', () => {
  it.each([
    [
      'the container of a stack of Haskell',
      'stack.yaml',
      'resolver: lts-22.1\ndocker: {enable: true, image: "fpco/stack-build:lts-22.1"}\n',
    ],
    ['a Jekyll configuration', '_config.yml', 'image: nginx:1.27\n'],
    ['an OpenAPI document', 'openapi.yaml', 'openapi: 3.1.0\nexample: {image: "nginx:1.27"}\n'],
    ['any YAML', 'data/posts.yaml', '- {title: a, image: "nginx:1.27"}\n'],
    [
      'a list in a stack of Haskell',
      'stack.yaml',
      'resolver: lts-22.1\nbuild: {haddock: true}\nimage: {a: b}\n',
    ],
    [
      'a workflow without images',
      '.github/workflows/a.yml',
      'env: {IMAGE: "ghcr.io/a/b:1"}\njobs: {a: {steps: [{run: "docker build -t ghcr.io/a/b:1 ."}]}}\n',
    ],
    [
      'what a script runs without a digest',
      '.github/workflows/a.yml',
      'jobs: {a: {steps: [{run: "docker run nginx:1.27"}]}}\n',
    ],
    [
      'what a step names',
      '.github/workflows/a.yml',
      'jobs: {a: {steps: [{uses: "actions/checkout@v4", with: {image: "ghcr.io/a/b:1"}}]}}\n',
    ],
    ['an action from a Dockerfile', 'action.yml', 'runs: {using: docker, image: Dockerfile}\n'],
    ['a machine', '.circleci/config.yml', 'jobs: {a: {machine: {image: "ubuntu-2204:2024.05.1"}}}\n'],
    ['a pool', 'azure-pipelines.yml', 'pool: {vmImage: "ubuntu-22.04"}\ncontainer: pool\n'],
    [
      'what Skaffold builds',
      'skaffold.yaml',
      'apiVersion: skaffold/v4beta11\nkind: Config\nbuild: {artifacts: [{image: "ghcr.io/a/b"}]}\n',
    ],
    ['pictures in values', 'values.yaml', 'logoImage: a.png\nimage: https://example.com/a.png\n'],
    [
      'names of a custom resource',
      'x.yaml',
      'apiVersion: a/v1\nkind: B\nspec: {baseImage: ubuntu, image: ./a.png}\n',
    ],
    ['an empty image', 'compose.yaml', 'services: {a: {image: }, b: {image: ""}}\n'],
    ['a pre-build', 'Cross.toml', '[build]\npre-build = ["apt-get install image:amd64"]\n'],
    ['a manifest of cargo', 'Cargo.toml', '[package]\nname = "image"\ndescription = "nginx:1.27"\n'],
    ['a plugin setting', '.drone.yml', 'steps: [{name: a, settings: {image: "a/b:1"}}]\n'],
    ["another program's file of jobs", 'ci/settings.yml', 'image: nginx:1.27\n'],
    ['variables of hosts', 'group_vars/all.yml', 'os_image: ubuntu:22.04\n'],
  ])('%s', (_name, path, text) => {
    expect(found(path, text)).toEqual([]);
  });
});

describe('what is found and left alone', () => {
  it.each([
    [
      'a tag in the environment',
      '.github/workflows/a.yml',
      'env: {V: "3.12"}\njobs: {a: {container: "python:${{ env.V }}-slim"}}\n',
      ['github-actions python:3.12-slim composed-reference'],
    ],
    [
      'a tag in another key',
      'x.yaml',
      'apiVersion: a/v1\nkind: B\nspec: {image: a/b, version: "1"}\n',
      ['kubernetes a/b composed-reference'],
    ],
    ['a value without a tag', 'values.yaml', 'image: a/b\n', ['helm-values a/b composed-reference']],
    [
      'a digest without its algorithm',
      'values.yaml',
      `image: {repository: a/b, tag: "1", sha: "${'ab'.repeat(32)}"}\n`,
      [`helm-values a/b@${SHA} unsupported-spelling`],
    ],
    [
      'what a service merges and builds',
      'compose.yaml',
      'x-a: &a {image: "a/b:1"}\nservices: {a: {<<: *a, build: .}}\n',
      ['compose a/b:1 local-image'],
    ],
    [
      'a built service',
      'compose.yaml',
      'services: {a: {image: "a/b:1", build: .}}\n',
      ['compose a/b:1 local-image'],
    ],
    [
      'a tag in a variable',
      'compose.yaml',
      'services: {a: {image: "nginx:${TAG:-1.27}"}}\n',
      ['compose nginx:1.27 composed-reference'],
    ],
    [
      'an unknown variable',
      'compose.yaml',
      'services: {a: {image: "nginx:${TAG}"}}\n',
      ['compose nginx:${TAG} unresolvable-variable'],
    ],
    [
      'a template',
      'x.yaml',
      'apiVersion: v1\nkind: Pod\nspec: {containers: [{image: "{{ .Values.image }}"}]}\n',
      ['kubernetes {{ .Values.image }} templated'],
    ],
    [
      'an expression',
      '.github/workflows/a.yml',
      'jobs: {a: {container: "${{ vars.IMAGE }}"}}\n',
      ['github-actions ${{ vars.IMAGE }} templated'],
    ],
    ['upper case', '.gitlab-ci.yml', 'image: Nginx:1.27\n', ['gitlab-ci Nginx:1.27 invalid-reference']],
    [
      'escapes',
      'compose.yaml',
      'services: {a: {image: "nginx\\x3a1.27"}}\n',
      ['compose nginx:1.27 unsupported-spelling'],
    ],
    [
      'two lines',
      'compose.yaml',
      'services:\n  a:\n    image: "nginx:\\\n      1.27"\n',
      ['compose nginx:1.27 unsupported-spelling'],
    ],
    [
      'a machine image',
      'roles/a/tasks/main.yml',
      '- openstack.cloud.server: {image: ubuntu-22.04}\n',
      ['ansible ubuntu-22.04 unsupported-spelling'],
    ],
    [
      'a feature',
      '.devcontainer.json',
      '{"features": {"ghcr.io/devcontainers/features/go:1": {}}}',
      ['devcontainer ghcr.io/devcontainers/features/go:1 unsupported-spelling'],
    ],
  ])('%s', (_name, path, text, expected) => {
    expect(found(path, text)).toEqual(expected);
  });
});

describe('variables followed to their values', () => {
  it.each([
    [
      'a digest in the environment',
      '.github/workflows/a.yml',
      `jobs: {j: {env: {D: "${SHA}"}, steps: [{run: "docker pull debian@$D"}]}}\n`,
      SHA,
      null,
    ],
    [
      'Compose default',
      'compose.yaml',
      `services: {a: {image: "\${A:-nginx:1@${SHA}}"}}\n`,
      `nginx:1@${SHA}`,
      'A',
    ],
    [
      'Compose default without a colon',
      'compose.yaml',
      `services: {a: {image: "\${A-nginx:1@${SHA}}"}}\n`,
      `nginx:1@${SHA}`,
      'A',
    ],
    ['nested defaults', 'compose.yaml', `services: {a: {image: "\${A:-\${B:-nginx:1}}"}}\n`, 'nginx:1', 'A'],
    [
      'a registry that changes nothing here',
      'compose.yaml',
      `services: {a: {image: "\${R:-docker.io/}nginx:1@${SHA}"}}\n`,
      SHA,
      null,
    ],
    ['GitLab variable', '.gitlab-ci.yml', `variables: {A: "nginx:1"}\nimage: $A\n`, 'nginx:1', 'A'],
    [
      'GitLab job variable',
      '.gitlab-ci.yml',
      `variables: {A: "x"}\nj: {variables: {A: "nginx:1"}, image: "\${A}"}\n`,
      'nginx:1',
      'A',
    ],
    [
      'GitLab dependency proxy',
      '.gitlab-ci.yml',
      'image: $CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX/nginx:1\n',
      'nginx:1',
      null,
    ],
    [
      'workflow env',
      '.github/workflows/a.yml',
      'env: {A: "nginx:1"}\njobs: {j: {container: "${{ env.A }}"}}\n',
      'nginx:1',
      'A',
    ],
    [
      'workflow input',
      '.github/workflows/a.yml',
      'on: {workflow_call: {inputs: {a: {default: "nginx:1"}}}}\njobs: {j: {container: "${{ inputs.a }}"}}\n',
      'nginx:1',
      'a',
    ],
    [
      'Tekton parameter',
      't.yaml',
      'apiVersion: tekton.dev/v1\nkind: Task\nspec: {params: [{name: a, default: "nginx:1"}], steps: [{image: $(params.a)}]}\n',
      'nginx:1',
      'a',
    ],
    [
      'Cloud Build substitution',
      'cloudbuild.yaml',
      'steps: [{name: "${_A}"}]\nsubstitutions: {_A: "nginx:1"}\n',
      'nginx:1',
      '_A',
    ],
  ])('%s', (_name, path, text, slot, name) => {
    const sites = formats
      .filter((format) => format.matchesPath(path) && (format.mayHold?.(text) ?? true))
      .flatMap((format) => format.extract({ path, text }).sites);
    expect(sites.map((site) => [site.text, site.name, site.skip])).toEqual([[slot, name, null]]);
    expect(text.slice(sites[0]?.start, sites[0]?.end)).toBe(slot);
  });
});

describe('looksTagged', () => {
  it.each([
    ['node:22', true],
    ['postgres:16', true],
    ['a/b:5000', true],
    [`a@${SHA}`, true],
    ['redis:6379', false],
    ['proxy:80', false],
    ['host:443', false],
    ['a/b', false],
    ['word', false],
    ['1.2.3', false],
    ['https://a/b:1', false],
    ['a.png', false],
    ['a/b:${TAG}', false],
    [`a/b:\${TAG}@${SHA}`, true],
  ])('%s: %s', (text, expected) => {
    expect(looksTagged(text)).toBe(expected);
  });
});

describe('one image in several keys', () => {
  const digest = `digest: ${SHA}`;
  it.each([
    ['tag and digest', `repository: a/b\n  tag: v1\n  ${digest}`, [`digest ${SHA}`, 'tag v1']],
    ['a digest to be filled in', 'repository: a/b\n  tag: v1\n  digest: ""', ['digest ', 'tag v1']],
    ['a digest key without value', 'repository: a/b\n  tag: v1\n  digest:', ['tag-and-digest v1']],
    ['a digest that is null', 'repository: a/b\n  tag: v1\n  digest: null', ['tag-and-digest v1']],
    ['a tag alone', 'repository: a/b\n  tag: v1', ['tag-and-digest v1']],
    ['a tag that carries it', `repository: a/b\n  tag: v1@${SHA}`, [`tag-and-digest v1@${SHA}`]],
    [
      'a tag that carries it, beside an empty key',
      `repository: a/b\n  tag: v1@${SHA}\n  digest: ""`,
      [`tag-and-digest v1@${SHA}`],
    ],
    ['a number as tag', `repository: a/b\n  tag: 3.9\n  ${digest}`, [`digest ${SHA}`]],
    ['a quoted number as tag', `repository: a/b\n  tag: "3.9"\n  ${digest}`, [`digest ${SHA}`, 'tag 3.9']],
    ['a digest alone', `repository: a/b\n  ${digest}`, [`digest ${SHA}`]],
    [
      'a registry of its own',
      `registry: quay.io\n  repository: a/b\n  tag: v1\n  ${digest}`,
      [`digest ${SHA}`, 'tag v1'],
    ],
    ['all in the repository', `repository: a/b:v1@${SHA}`, [`reference a/b:v1@${SHA}`]],
  ])('%s', (_name, keys, expected) => {
    const text = `image:\n  ${keys}\n`;
    const extractor = formats.find(({ format }) => format === 'helm-values');
    const sites = extractor?.extract({ path: 'values.yaml', text }).sites ?? [];
    expect(sites.map(({ slots }) => slots.map((slot) => `${slot.holds} ${slot.text}`))).toEqual([expected]);
    expect(sites[0]?.image.repository).toBe('a/b');
  });
});
