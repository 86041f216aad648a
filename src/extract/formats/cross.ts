import type { FormatExtractor } from '../format.ts';
import { type DeclaredSection, declared } from './common/declared.ts';

/** What `build` and each target of a section say. */
const TARGETS: DeclaredSection = {
  images: [{ at: ['image', 'image.name'] }],
  builds: [
    {
      given: ['dockerfile.file', 'dockerfile'],
      dockerfile: ['dockerfile', 'dockerfile.file'],
      context: 'dockerfile.context',
      args: 'dockerfile.build-args',
      from: 'file',
      onlyNamed: true,
    },
  ],
};

/**
 * Cross (cross-rs): `image` of targets and of the build, and the Dockerfiles it builds, in Cross.toml or under
 * `metadata.cross` of a Cargo.toml. `pre-build` is nobody's image.
 */
export const cross: FormatExtractor<'cross'> = declared({
  format: 'cross',
  docs: {
    files: '`Cross.toml`, `Cargo.toml` with `metadata.cross`',
    finds: '`image` of targets, build arguments of their Dockerfiles',
  },
  files: /(?:^|\/)(?:Cross|Cargo)\.toml$/,
  mayHold: /image|dockerfile/,
  reader: 'toml',
  sections: [
    { ...TARGETS, files: /Cross\.toml$/, at: ['build', 'target.*'] },
    {
      ...TARGETS,
      files: /Cargo\.toml$/,
      // Most manifests have nothing to say of cross, and are large enough to be worth passing over.
      mayHold: /metadata\.cross/,
      at: ['workspace', 'package'].flatMap((owner) => [
        `${owner}.metadata.cross.build`,
        `${owner}.metadata.cross.target.*`,
      ]),
    },
  ],
});
