import type { RepositoryFacts } from './types.ts';

/** What a forge takes of a text or a list. What is longer must be cut before it is handed over. */
export type ForgeLimits = {
  /** Characters in the body of a pull request, an issue or a comment. */
  readonly body: number;
  /** Characters in each of a check's summary and text. */
  readonly checkText: number;
  /** Runs in one SARIF log. */
  readonly sarifRuns: number;
};

/** Where a person looks at things. Pure: nothing is asked. */
export type ForgeLinks = {
  /** A line (from 1) of a file on a branch. */
  file(
    repository: Pick<RepositoryFacts, 'url'>,
    branch: string,
    place: { readonly path: string; readonly line: number },
  ): string;
  /** A file that `keepFiles` keeps, for download. */
  keptFile(repository: Pick<RepositoryFacts, 'url'>, commit: string, path: string): string;
  /** How a text mentions a pull request of this repository so that the forge links it. */
  pullRequest(number: number): string;
};

/** What is particular to one forge and known without asking it. */
export interface ForgeRules {
  readonly limits: ForgeLimits;
  readonly links: ForgeLinks;
  /** The repository in which an owner keeps settings for all of their repositories. */
  readonly ownerRepository: string;
  /** The base branch that a merge queue's branch is about to be merged into; null where it is no merge queue's branch. */
  mergeQueueBase(branch: string): string | null;
}
