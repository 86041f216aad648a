import { compareText } from '../../domain/text.ts';
import type { ImageConfig } from '../image/image-config.ts';
import type { OsRelease } from '../sbom/sbom.ts';
import type { Package } from '../scan.ts';
import { endOfLife } from './os-lifecycle.ts';
import type { ConfigChange, ConfigField } from './scan-diff.ts';

/** What of one side is compared besides findings and packages. */
export type ConfigSide = {
  readonly config: ImageConfig;
  /** The compressed size of the layers, bytes. */
  readonly size: number;
  readonly layers: number;
  /** Null where not known. */
  readonly packages: readonly Package[] | null;
  readonly os: OsRelease | null;
};

/** Variables that decide which programs run. */
const POWERFUL_VARIABLES: ReadonlySet<string> = new Set([
  'PATH',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'NODE_OPTIONS',
  'PYTHONPATH',
  'JAVA_TOOL_OPTIONS',
]);

const SHELLS: ReadonlySet<string> = new Set([
  'bash',
  'dash',
  'busybox',
  'zsh',
  'ash',
  'mksh',
  'busybox-binsh',
  'fish',
]);
const PACKAGE_MANAGERS: ReadonlySet<string> = new Set([
  'apt',
  'apk-tools',
  'dnf',
  'dnf5',
  'yum',
  'microdnf',
  'tdnf',
  'zypper',
  'pacman',
]);

/**
 * The differences of two image configurations, in a fixed order; those that matter are marked. `today` (`YYYY-MM-DD`)
 * decides whether a distribution is past its end. Pure; empty for equal sides.
 */
export function diffConfig(before: ConfigSide, after: ConfigSide, today: string): readonly ConfigChange[] {
  const [a, b] = [before.config, after.config];
  return [
    ...one('user', a.user, b.user, isRoot(b.user) || !isRoot(a.user)),
    ...one('entrypoint', words(a.entrypoint), words(b.entrypoint), true),
    ...one('cmd', words(a.cmd), words(b.cmd), true),
    ...one('shell', words(a.shell), words(b.shell), true),
    ...one('workdir', a.workdir, b.workdir, true),
    ...one('stop-signal', a.stopSignal, b.stopSignal, true),
    ...one('healthcheck', words(a.healthcheck), words(b.healthcheck), false),
    ...many('env', a.env, b.env, (key) => POWERFUL_VARIABLES.has(key)),
    ...many('ports', present(a.ports), present(b.ports), (_, to) => to !== null),
    ...many('volumes', present(a.volumes), present(b.volumes), (_, to) => to !== null),
    ...many('labels', a.labels, b.labels, () => false),
    ...one('size', String(before.size), String(after.size), grewMuch(before.size, after.size)),
    ...one('layers', String(before.layers), String(after.layers), false),
    ...presence('shell-present', before.packages, after.packages, SHELLS),
    ...presence('package-manager', before.packages, after.packages, PACKAGE_MANAGERS),
    ...distribution(before.os, after.os, today),
  ];
}

function distribution(
  before: OsRelease | null,
  after: OsRelease | null,
  today: string,
): readonly ConfigChange[] {
  if (before === null || after === null) return [];
  const [from, to] = [endOfLife(before), endOfLife(after)];
  const major = before.id !== after.id || majorOf(before) !== majorOf(after);
  return [
    ...one('os-release', `${before.id} ${before.version}`, `${after.id} ${after.version}`, major),
    ...one('os-end-of-life', from ?? '', to ?? '', to !== null && to < today),
  ];
}

function majorOf(os: OsRelease): string {
  const [major = '', minor = ''] = os.version.split('.');
  // Alpine and Ubuntu release by two numbers.
  return os.id === 'alpine' || os.id === 'ubuntu' ? `${major}.${minor}` : major;
}

function one(kind: ConfigField, from: string, to: string, matters: boolean): readonly ConfigChange[] {
  if (from === to) return [];
  return [{ field: kind, kind, from: from === '' ? null : from, to: to === '' ? null : to, matters }];
}

function many(
  kind: ConfigField,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  matters: (key: string, to: string | null) => boolean,
): readonly ConfigChange[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort(compareText);
  return keys.flatMap((key) => {
    const [from, to] = [before.get(key) ?? null, after.get(key) ?? null];
    return from === to ? [] : [{ field: `${kind}.${key}`, kind, from, to, matters: matters(key, to) }];
  });
}

/** Which of the known programs came or went, by package; nothing where packages are not known. */
function presence(
  kind: ConfigField,
  before: readonly Package[] | null,
  after: readonly Package[] | null,
  names: ReadonlySet<string>,
): readonly ConfigChange[] {
  if (before === null || after === null) return [];
  const [from, to] = [installed(before, names), installed(after, names)];
  return one(kind, from, to, to !== '' && from === '');
}

function installed(packages: readonly Package[], names: ReadonlySet<string>): string {
  const found = packages.filter((item) => names.has(item.name)).map((item) => item.name);
  return [...new Set(found)].sort(compareText).join(', ');
}

/** Docker runs as root where no user is set (image-spec, config.md). */
function isRoot(user: string): boolean {
  const [name = ''] = user.split(':');
  return name === '' || name === '0' || name === 'root';
}

function words(list: readonly string[]): string {
  return list.length === 0 ? '' : JSON.stringify(list);
}

function present(keys: readonly string[]): ReadonlyMap<string, string> {
  return new Map(keys.map((key) => [key, key]));
}

function grewMuch(from: number, to: number): boolean {
  return to - from > 10 * 1024 * 1024 && to > from * 1.25;
}
