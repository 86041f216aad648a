import type { RepositoryName } from '../domain/repository-name.ts';

/** A repository as the forge lists it. */
export type ListedRepository = RepositoryName & {
  readonly installationId: number | null;
  readonly archived: boolean;
  readonly disabled: boolean;
};

/** The port to the list of repositories that are looked after. Throws where the forge does not answer. */
export interface RepositorySource {
  repositories(): AsyncIterable<ListedRepository>;
}
