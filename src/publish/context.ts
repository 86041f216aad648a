import type { IsoDate } from '../domain/ledger-entry.ts';
import type { Commit, Forge, ForgeIdentity, RepositoryFacts } from './forge.ts';
import type { Asked, PlannedPass } from './pass.ts';
import type { PublishSettings } from './settings.ts';

/** All that publishing one pass works with. */
export type PublishContext = {
  readonly forge: Forge;
  readonly identity: ForgeIdentity;
  readonly facts: RepositoryFacts;
  readonly base: { readonly branch: string; readonly commit: Commit };
  readonly pass: PlannedPass;
  readonly settings: PublishSettings;
  readonly asked: Asked;
  readonly today: IsoDate;
  readonly warn: (message: string) => void;
};
