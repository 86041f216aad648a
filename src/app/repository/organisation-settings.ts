import { CONFIG_PATHS } from '../../config/repository.ts';
import type { Forge } from '../../forge/forge.ts';
import type { SettingsText } from '../../pull-requests/settings-file.ts';

const KEPT_MS = 10 * 60_000;
const KEPT_OWNERS = 10_000;

/** The settings files of organisations, each remembered for ten minutes, for the life of the process. */
export class OrganisationSettings {
  readonly #clock: () => Date;
  readonly #known = new Map<string, { readonly at: number; readonly file: SettingsText | null }>();

  constructor(clock: () => Date) {
    this.#clock = clock;
  }

  /** The settings file of the repository's organisation; null where there is none. Throws what the forge throws. */
  async of(forge: Forge): Promise<SettingsText | null> {
    const key = forge.repository.owner.toLowerCase();
    const now = this.#clock().getTime();
    const cached = this.#known.get(key);
    if (cached !== undefined && now - cached.at < KEPT_MS) return cached.file;
    const file = await findOrganisationSettings(forge);
    if (this.#known.size >= KEPT_OWNERS) this.#known.clear();
    this.#known.set(key, { at: now, file });
    return file;
  }
}

async function findOrganisationSettings(forge: Forge): Promise<SettingsText | null> {
  const texts = await forge.filesOf(forge.ownerRepository, CONFIG_PATHS);
  for (const [index, path] of CONFIG_PATHS.entries()) {
    const text = texts[index];
    if (text != null) return { path: `${forge.repository.owner}/${forge.ownerRepository}/${path}`, text };
  }
  return null;
}
