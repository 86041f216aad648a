import { GitHistory } from '../adapters/git-history/git-history.ts';
import { gitIn } from '../adapters/git-history/run-git.ts';
import { openSignatures } from '../adapters/signature/open-signatures.ts';
import type { PinHistory } from '../assess/age.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import { defaultPolicy } from '../config/schema/policy.ts';
import type { Tree } from '../discover/tree.ts';
import { type FactPorts, NO_FACTS } from '../pass/ports.ts';
import { stageGates } from '../policy/stages.ts';
import { keySources } from '../policy/trust-settings.ts';
import type { Registry } from '../resolve/registry.ts';
import type { SeenDigests } from '../resolve/seen.ts';
import type { Io } from './io.ts';
import { cacheFolder, openScanningFacts } from './open-scanning-facts.ts';

/**
 * What `pinwheel rotate` looks at besides tags: as little as the configuration lets it, so that the plain case stays
 * quick. Signatures where trust rules are written (without the verifier such a rule could not be evaluated and would
 * block); scans, and signatures that may have gone, where `scan` asks for them or {@link asksForScans}; the days digests
 * were first seen, and the history, where something waits.
 */
export async function openRotationFacts(options: {
  readonly io: Io;
  readonly root: string;
  /** The file of `--registries`. */
  readonly registries: string | null;
  readonly registry: Registry;
  readonly tree: Tree;
  readonly config: RepositoryConfig;
  readonly scan: boolean;
}): Promise<{ readonly facts: FactPorts; readonly history: PinHistory }> {
  const { io, registry, tree, config } = options;
  const { trust } = config.policy;
  const signaturesForRules = async () =>
    trust.length === 0 ? null : await openSignatures(keySources(trust), tree, registry, io);
  const facts =
    options.scan || asksForScans(config)
      ? await openScanningFacts(options)
      : { ...NO_FACTS, signatures: await signaturesForRules() };
  const history = new GitHistory(gitIn(options.root));
  return { facts: waits(config) ? { ...facts, seen: await openSeen(io) } : facts, history };
}

/**
 * Whether the policy is about what a scan finds: a scanner is named, severities or exceptions are written, or the
 * baseline is enforced (from the stage `baseline` on). Without that a local rotation does not scan unless told to.
 */
export function asksForScans({ policy, scan }: RepositoryConfig): boolean {
  if (scan.scanner === 'none') return false;
  if (scan.scanner !== 'auto' || policy.exceptions.length > 0 || enforcesBaseline(policy)) return true;
  return JSON.stringify(policy.severity) !== JSON.stringify(defaultPolicy().severity);
}

/** Whether CRITICALs outside of the baseline file fail a check. */
function enforcesBaseline(policy: RepositoryConfig['policy']): boolean {
  return (policy.gates.baseline ?? stageGates(policy.stage ?? 'monitor').baseline) === 'enforce';
}

/** Whether a new digest of some image waits until it was first seen a while ago. */
function waits({ policy, images }: RepositoryConfig): boolean {
  if (policy.age.minimum > 0 || policy.settle > 0) return true;
  return images.some((rule) => (rule.minimumAge ?? 0) > 0);
}

/** Remembered in the cache folder of this user: losing it restarts the wait. */
async function openSeen(io: Io): Promise<SeenDigests> {
  const [{ seenDigests }, { FileCache }, { join }] = await Promise.all([
    import('../adapters/queue/seen-digests.ts'),
    import('../adapters/scanner/file-cache.ts'),
    import('node:path'),
  ]);
  const cache = new FileCache(join(cacheFolder(io.env), 'seen'));
  const seen: SeenDigests = seenDigests({
    mark: (name) => cache.get(name),
    setMark: (name, text) => cache.set(name, text),
  });
  // Always today: who asks "as on that day" must not make a digest older or younger than it is.
  return { note: (image, digest) => seen.note(image, digest, io.now()) };
}
