import type { IsoDate } from '../domain/ledger-entry.ts';
import type { Forge } from '../forge/forge.ts';
import type { Commit, ForgeIdentity, RepositoryFacts } from '../forge/types.ts';
import type { Pass } from '../pass/pass.ts';
import type { RotationReport } from '../plan/body/report.ts';
import type { Rotation } from '../plan/plan.ts';
import type { Asked } from './outcome.ts';
import type { PublishSettings } from './settings.ts';

/** All that publishing one pass works with. */
export type PublishContext = {
  readonly forge: Forge;
  readonly identity: ForgeIdentity;
  readonly facts: RepositoryFacts;
  readonly base: { readonly branch: string; readonly commit: Commit };
  /** Behind the names of the groups of this base: empty for the default branch, `@release-1.2` for another one. */
  readonly suffix: string;
  readonly pass: Pass;
  /** All that is known of a rotation, for the texts of its pull request. Pure. */
  readonly reportOf: (rotation: Rotation) => RotationReport;
  /** Several pull requests share the ledger, so each writes the rows of its own pins alone. */
  readonly byParts: boolean;
  readonly settings: PublishSettings;
  readonly asked: Asked;
  readonly today: IsoDate;
  readonly warn: (message: string) => void;
};
