import * as v from 'valibot';
import { repositorySchema } from './schema/repository.ts';

type DeepReadonly<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : { readonly [Key in keyof T]: DeepReadonly<T[Key]> };

/** The configuration of one repository: every default filled in. */
export type RepositoryConfig = DeepReadonly<v.InferOutput<typeof repositorySchema>>;

/** A configuration file as written and found valid, no defaults filled in: what is merged. */
export type RepositoryConfigInput = DeepReadonly<v.InferInput<typeof repositorySchema>>;

export type ImageRule = RepositoryConfig['images'][number];
export type GroupSettings = RepositoryConfig['groups'];
export type PullRequestSettings = RepositoryConfig['pullRequests'];

/** Where a repository's configuration is looked for, first found first. */
export const CONFIG_PATHS = ['.github/pinwheel.yml', 'pinwheel.yml'] as const;

/** All defaults. */
export function defaultConfig(): RepositoryConfig {
  return v.parse(repositorySchema, {});
}
