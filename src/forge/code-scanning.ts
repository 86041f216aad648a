import type { Log } from '../domain/log.ts';
import { repositoryKey } from '../domain/repository-name.ts';
import { DAY_MS } from '../domain/time.ts';
import type { Forge } from './forge.ts';

const ASK_AGAIN_MS = DAY_MS;

/**
 * Remembers for a day where code scanning is off, for the life of the process: said once, and not asked for again with
 * every pass.
 */
export class CodeScanning {
  readonly #log: Log;
  readonly #clock: () => Date;
  readonly #offSince = new Map<string, number>();

  constructor(log: Log, clock: () => Date) {
    this.#log = log;
    this.#clock = clock;
  }

  /** The same forge, which hands nothing to code scanning while that is known to be off. */
  guard(forge: Forge): Forge {
    const key = repositoryKey(forge.repository);
    return {
      ...forge,
      uploadSarif: async (...upload) => {
        const now = this.#clock().getTime();
        const since = this.#offSince.get(key);
        if (since !== undefined && now - since < ASK_AGAIN_MS) return 'off';
        const answer = await forge.uploadSarif(...upload);
        if (answer === 'off') {
          this.#offSince.set(key, now);
          this.#log.info({ repository: key }, 'code scanning is not enabled: findings are only in the check');
        } else this.#offSince.delete(key);
        return answer;
      },
    };
  }
}
