import * as v from 'valibot';
import type { Result } from '../domain/errors.ts';
import { mergeFiles } from './merge.ts';
import { type PolicySettings, policySchema } from './schema/policy.ts';
import { repositorySchema } from './schema/repository.ts';
import { parseSettings, type SettingsFault } from './settings-file.ts';

type DeepReadonly<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : { readonly [Key in keyof T]: DeepReadonly<T[Key]> };

/** Settings with every default filled in. */
type Settings = DeepReadonly<v.InferOutput<typeof repositorySchema>>;

/** The configuration that counts for one repository. */
export type RepositoryConfig = Settings & {
  /** What the repository's own file says, without its organisation's; null where it has no file. */
  readonly own: OwnSettings | null;
};

/** A repository's own file alone: which of the patterns are its own, and where they stand. */
export type OwnSettings = RepositoryConfigFile & { readonly settings: Settings };

export type ImageRule = RepositoryConfig['images'][number];

/** A configuration file found valid, as written, no defaults filled in: what is merged. */
export type RepositoryConfigFile = {
  readonly path: string;
  readonly text: string;
  readonly written: Readonly<Record<string, unknown>>;
};

const LIST_AS_OBJECT = /(?:^|\.)\d+$/;

/** Where a repository's configuration is looked for, first found first. The same in an organisation's `.github` repository. */
export const CONFIG_PATHS = ['.github/pinwheel.yml', 'pinwheel.yml'] as const;

const OPERATOR_ONLY =
  'hosts, credentials and addresses of registries come from the operator (PINWHEEL_REGISTRIES), never from a repository; only "only" and "ignore" are allowed here';

/**
 * Checks the text of a configuration file. `path` is named in the faults, each with its line and the nearest key.
 * Pure; never throws.
 */
export function parseRepositoryConfig(
  text: string,
  path: string,
): Result<RepositoryConfigFile, readonly SettingsFault[]> {
  const checked = parseSettings({ file: path, text, schema: repositorySchema });
  if (!checked.ok) return { ok: false, fault: explain(checked.fault) };
  const steps = patternSteps(checked.value);
  if (steps > MAX_PATTERN_STEPS) {
    const message = `all patterns of this file together have ${steps} characters and wildcards, alternatives counted one by one; at most ${MAX_PATTERN_STEPS} are allowed: write fewer or shorter patterns`;
    return { ok: false, fault: [{ file: path, line: 1, path: '', message }] };
  }
  const written = parseSettings({ file: path, text, schema: v.record(v.string(), v.unknown()) });
  return written.ok ? { ok: true, value: { path, text, written: written.value } } : written;
}

/** What all patterns of one file may ask for each path or image they are tried on: a whole tree is matched in seconds. */
const MAX_PATTERN_STEPS = 8192;

/** The steps of all globs in parsed settings, however deep: what one match of all of them costs. */
function patternSteps(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if ('steps' in value && Array.isArray(value.steps)) return value.steps.length;
  return Object.values(value).reduce((sum: number, part: unknown) => sum + patternSteps(part), 0);
}

/**
 * The configuration that counts: the repository's file over the organisation's, over the defaults. Either may be null.
 * The faults of the result can only come from settings that contradict each other across both files.
 */
export function mergeConfig(
  organisation: RepositoryConfigFile | null,
  repository: RepositoryConfigFile | null,
): Result<RepositoryConfig, readonly SettingsFault[]> {
  const merged = mergeFiles(organisation?.written ?? {}, repository?.written ?? {});
  const parsed = v.safeParse(repositorySchema, merged);
  if (parsed.success) {
    return {
      ok: true,
      value: { ...parsed.output, own: ownSettings(organisation, repository, parsed.output) },
    };
  }
  const file = (repository ?? organisation)?.path ?? CONFIG_PATHS[0];
  const fault = parsed.issues.map((issue) => ({
    file,
    line: 1,
    path: v.getDotPath(issue) ?? '',
    message: `contradicts the organisation's settings: ${issue.message}`,
  }));
  return { ok: false, fault };
}

/** All defaults. */
export function defaultConfig(): RepositoryConfig {
  return { ...v.parse(repositorySchema, {}), own: null };
}

function ownSettings(
  organisation: RepositoryConfigFile | null,
  repository: RepositoryConfigFile | null,
  merged: Settings,
): OwnSettings | null {
  if (repository === null) return null;
  // The file was found valid before; merged with nothing, it is what was merged.
  const settings = organisation === null ? merged : v.parse(repositorySchema, repository.written);
  return { ...repository, settings };
}

/**
 * The policy of an organisation's own file, defaults filled in: what its `enforced` settings are locked to.
 * Null where there is no file, or where it says nothing of policy.
 */
export function organisationPolicy(file: RepositoryConfigFile | null): PolicySettings | null {
  const written = file?.written['policy'];
  return written === undefined ? null : v.parse(policySchema, written);
}

function explain(faults: readonly SettingsFault[]): readonly SettingsFault[] {
  // The object schema also looks into a list and calls its numbers keys: where nothing else is wrong, say so.
  const real = faults.filter((fault) => !LIST_AS_OBJECT.test(fault.path));
  if (real.length > 0) return real.map(explainRegistries);
  return faults.slice(0, 1).map((fault) => {
    const path = fault.path.replace(LIST_AS_OBJECT, '');
    return explainRegistries({ ...fault, path, message: 'expected keys with values, not a list' });
  });
}

function explainRegistries(fault: SettingsFault): SettingsFault {
  const isOperators = fault.path === 'registries' || fault.path.startsWith('registries.');
  const isOurs = fault.path.startsWith('registries.only') || fault.path.startsWith('registries.ignore');
  return isOperators && !isOurs ? { ...fault, message: OPERATOR_ONLY } : fault;
}
