import { dockerfile } from '../dockerfile/extract.ts';
import type { FormatExtractor } from '../format.ts';
import { ansible } from './ansible.ts';
import { argo } from './argo.ts';
import { azurePipelines } from './azure-pipelines.ts';
import { bake } from './bake.ts';
import { bazel } from './bazel.ts';
import { bitbucketPipelines } from './bitbucket-pipelines.ts';
import { buildpacks } from './buildpacks.ts';
import { circleci } from './circleci.ts';
import { cloudBuild } from './cloud-build.ts';
import { compose } from './compose.ts';
import { cross } from './cross.ts';
import { devcontainer } from './devcontainer.ts';
import { drone } from './drone.ts';
import { earthfile } from './earthfile.ts';
import { envFile } from './env-file.ts';
import { githubActions } from './github-actions.ts';
import { gitlabCi } from './gitlab-ci.ts';
import { helmValues } from './helm-values.ts';
import { jenkinsfile } from './jenkinsfile.ts';
import { jibGradle } from './jib-gradle.ts';
import { jibMaven } from './jib-maven.ts';
import { ko } from './ko.ts';
import { kubernetes } from './kubernetes.ts';
import { kustomize } from './kustomize.ts';
import { makefile } from './makefile.ts';
import { nomad } from './nomad.ts';
import { packer } from './packer.ts';
import { quadlet } from './quadlet.ts';
import { shell } from './shell.ts';
import { skaffold } from './skaffold.ts';
import { tekton } from './tekton.ts';
import { terraform } from './terraform.ts';
import { woodpecker } from './woodpecker.ts';
import { xcargo } from './xcargo.ts';

/** Every file format Pinwheel reads, one line each. */
export const formats = [
  dockerfile,
  ansible,
  argo,
  azurePipelines,
  bake,
  bitbucketPipelines,
  buildpacks,
  circleci,
  cloudBuild,
  compose,
  cross,
  devcontainer,
  drone,
  githubActions,
  gitlabCi,
  helmValues,
  ko,
  kubernetes,
  kustomize,
  skaffold,
  tekton,
  terraform,
  nomad,
  packer,
  makefile,
  shell,
  envFile,
  quadlet,
  earthfile,
  bazel,
  jibGradle,
  jibMaven,
  jenkinsfile,
  woodpecker,
  xcargo,
] as const satisfies readonly FormatExtractor<string>[];

declare module '../../domain/site.ts' {
  interface FormatNames extends Record<(typeof formats)[number]['format'], true> {}
}
