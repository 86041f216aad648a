import { folderOf } from '../../domain/path.ts';
import type { FormatExtractor } from '../format.ts';
import { type MappedText, trimmed } from '../readers/mapped-text.ts';
import { readShell } from '../readers/shell-words.ts';
import { readUnitFile, type UnitSetting } from '../readers/unit-file.ts';
import { addBuild, type NamedText, splitAssignment } from './common/build-values.ts';
import { SiteCollector } from './common/collector.ts';
import { withoutTransport } from './common/hcl-images.ts';
import { resolvePath } from './common/paths.ts';

/** Transports that fetch from no registry (containers-transports(5)). */
const LOCAL = /^(?:dir|docker-archive|oci-archive|oci|containers-storage|ostree|sif):/;
const SECTIONS: ReadonlySet<string> = new Set(['Container', 'Image', 'Volume']);

/**
 * Podman Quadlet units: `Image=` of containers, images and volumes, and build arguments of `.build` units. An image that
 * another unit gives (`app.build`, `app.image`) is pinned there. Spec: podman-systemd.unit(5).
 */
export const quadlet: FormatExtractor<'quadlet'> = {
  format: 'quadlet',
  docs: {
    files: '`.container`, `.image`, `.volume`, `.build` and their `.d/*.conf`',
    finds: '`Image=`; `BuildArg=`',
  },
  // `disk.image` is no unit.
  byContent: true,
  matchesPath: (path) =>
    /\.(?:container|image|volume|build)$|\.(?:container|image|volume|build)\.d\/[^/]+\.conf$/.test(path),
  mayHold: (text) => /\[(?:Container|Image|Volume|Build)\]/.test(text),
  extract: (file) => {
    const collector = new SiteCollector(file, 'quadlet');
    const settings = readUnitFile(file.text);
    for (const { section, key, value, start } of settings) {
      if (key === 'Image' && SECTIONS.has(section)) addImage(collector, value, start);
    }
    addBuildUnit(collector, settings);
    return collector.result();
  },
};

function addImage(collector: SiteCollector, value: MappedText, start: number): void {
  const image = withoutTransport(trimmed(value));
  const isUnit = image.value.endsWith('.build') || image.value.endsWith('.image');
  if (isUnit || LOCAL.test(image.value)) return;
  if (/%[A-Za-z]|\$/.test(image.value)) {
    const detail = 'systemd fills in the reference: write it plainly to pin it';
    collector.skip(image.value, start, 'unresolvable-variable', detail);
  } else collector.image(image, { kind: 'image' }, start);
}

function addBuildUnit(collector: SiteCollector, settings: readonly UnitSetting[]): void {
  const own = settings.filter(({ section }) => section === 'Build');
  const [first] = own;
  if (first === undefined) return;
  const last = (key: string): string | undefined =>
    own.findLast((one) => one.key === key)?.value.value.trim();
  const args: NamedText[] = own
    .filter(({ key }) => key === 'BuildArg')
    .flatMap(({ value }) =>
      readShell(value, collector.budget).flatMap(({ words }) =>
        words.map(({ text }) => splitAssignment(text)),
      ),
    )
    .filter((arg) => arg !== null);
  const folder = folderOf(collector.path);
  const directory = last('SetWorkingDirectory');
  const context = resolvePath(folder, directory === undefined || directory === 'unit' ? '.' : directory);
  const file = last('File');
  addBuild(collector, {
    at: first.start,
    dockerfile: file === undefined ? null : resolvePath(context ?? folder, file),
    context: directory === 'file' && file !== undefined ? folderOf(resolvePath(folder, file) ?? '') : context,
    target: last('Target') ?? null,
    args,
  });
}
