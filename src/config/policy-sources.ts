import * as v from 'valibot';
import type { RuleSources } from '../policy/stages.ts';
import type { ImageSettings } from './image-settings.ts';
import type { RepositoryConfig, RepositoryConfigFile } from './repository.ts';
import { type PolicySettings, policySchema } from './schema/policy.ts';

/**
 * The policy of an organisation's own file, defaults filled in: what its `enforced` settings are locked to.
 * Null where there is no file, or where it says nothing of policy.
 */
export function organisationPolicy(file: RepositoryConfigFile | null): PolicySettings | null {
  const written = file?.written['policy'];
  return written === undefined ? null : v.parse(policySchema, written);
}

/** What {@link imageRules} is made from, for one image. */
export function ruleSources(
  config: RepositoryConfig,
  organisation: PolicySettings | null,
  image: ImageSettings,
): RuleSources {
  return {
    settings: config.policy,
    organisation,
    override: { minimumAge: image.minimumAge ?? undefined, maximumAge: image.maximumAge ?? undefined },
  };
}
