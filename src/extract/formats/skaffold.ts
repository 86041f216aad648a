import type { FormatExtractor } from '../format.ts';
import { type DeclaredSection, declared } from './common/declared.ts';

const SECTIONS = ['', 'profiles[*].'];

/** What an artifact is built from; its own `image` names what is built. */
const ARTIFACTS: DeclaredSection = {
  at: SECTIONS.map((section) => `${section}build.artifacts[*]`),
  images: [
    { at: ['kaniko.image', 'buildpacks.builder'], kind: 'builder' },
    { at: ['buildpacks.runImage', 'jib.fromImage', 'ko.fromImage'] },
  ],
  builds: ['docker', 'kaniko'].map((builder) => ({
    given: builder,
    dockerfile: `${builder}.dockerfile`,
    context: 'context',
    target: `${builder}.target`,
    args: `${builder}.buildArgs`,
    from: 'file',
    dockerfileInContext: true,
  })),
};

/** Containers that Skaffold runs. */
const CONTAINERS: DeclaredSection = {
  at: SECTIONS.flatMap((section) => [`${section}verify[*]`, `${section}customActions[*]`]),
  images: [{ at: ['container.image', 'containers[*].image'] }],
};

/**
 * Skaffold: what its builds start from (build arguments, buildpack builders, `fromImage`), and the containers it runs.
 * `artifacts[].image` names what is built, not what it is built from.
 */
export const skaffold: FormatExtractor<'skaffold'> = declared({
  format: 'skaffold',
  docs: {
    files: '`skaffold*.yaml`',
    finds:
      'build arguments, builders, `runImage`, `fromImage`, containers that are run; not the names of what is built',
  },
  files: /(?:^|\/)skaffold[^/]*\.ya?ml$/,
  mayHold: /apiVersion: skaffold\//,
  reader: 'yaml',
  documents: { key: 'apiVersion', like: /^skaffold\// },
  sections: [ARTIFACTS, CONTAINERS],
});
