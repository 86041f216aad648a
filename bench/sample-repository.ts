import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes `files` Dockerfiles with `references` pinned references over `images` images of one registry below `root`.
 * The digest of an image comes from `digestOf`. Deterministic.
 */
export function writeSampleRepository(
  root: string,
  options: {
    readonly files: number;
    readonly references: number;
    readonly images: number;
    readonly host: string;
    readonly digestOf: (image: number) => string;
  },
): void {
  const perFile = Math.ceil(options.references / options.files);
  let reference = 0;
  for (let file = 0; file < options.files; file++) {
    const folder = join(root, `services/group-${file % 20}/service-${file}`);
    mkdirSync(folder, { recursive: true });
    const lines = ['# syntax=docker/dockerfile:1', 'ARG BUILD_MODE=release'];
    for (let i = 0; i < perFile && reference < options.references; i++, reference++) {
      const image = reference % options.images;
      const name = `${options.host}/base/image-${image}:1.${image}-slim@${options.digestOf(image)}`;
      lines.push(
        `FROM ${name} AS stage${i}`,
        'WORKDIR /app',
        'COPY . .',
        'RUN make "$BUILD_MODE" && \\',
        '    make check',
        '',
      );
    }
    lines.push('CMD ["/app/run"]', '');
    writeFileSync(join(folder, 'Dockerfile'), lines.join('\n'));
  }
}
