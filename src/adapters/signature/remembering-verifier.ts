import { createHash } from 'node:crypto';
import type { ImageTrust, SignatureVerifier, VerificationKey } from '../../assess/signature.ts';
import type { Digest } from '../../domain/digest.ts';
import { canonicalName, type Repository } from '../../domain/image-reference.ts';
import { MINUTE_MS } from '../../domain/time.ts';

/** How long an answer counts: a pass and the checks after it ask the same; a signature added later is seen soon. */
const REMEMBERED_MS = 10 * MINUTE_MS;
const MOST_ANSWERS = 2000;

type Answer = { readonly until: number; readonly trust: Promise<ImageTrust> };

/** What signatures were found in the last minutes, for all passes of a process. */
export class SignatureMemory {
  readonly #answers = new Map<string, Answer>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /**
   * The same verifier, which asks once for each digest and set of keys. Answers with gaps (a registry that failed) are
   * not remembered.
   */
  of(verifier: SignatureVerifier): SignatureVerifier {
    return {
      assess: (image, digest, keys) =>
        this.#recall(keyOf(image, digest, keys), () => verifier.assess(image, digest, keys)),
    };
  }

  #recall(key: string, ask: () => Promise<ImageTrust>): Promise<ImageTrust> {
    const now = this.#now().getTime();
    const known = this.#answers.get(key);
    if (known !== undefined && known.until > now) return known.trust;
    const trust = ask();
    this.#answers.delete(key);
    this.#answers.set(key, { until: now + REMEMBERED_MS, trust });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= MOST_ANSWERS) break;
      this.#answers.delete(oldest);
    }
    const forget = (): void => {
      if (this.#answers.get(key)?.trust === trust) this.#answers.delete(key);
    };
    trust.then(({ gaps }) => gaps.length > 0 && forget(), forget);
    return trust;
  }
}

function keyOf(image: Repository, digest: Digest, keys: readonly VerificationKey[]): string {
  const hash = createHash('sha256');
  for (const { name, pem } of keys) hash.update(`${name}\0${pem}\0`);
  return `${canonicalName(image)}@${digest} ${hash.digest('hex')}`;
}
