import type { PinHistory } from '../assess/age.ts';
import type { ImageMove } from '../assess/assess.ts';
import type { ScanDiffFact } from '../assess/diff/scan-diff.ts';
import type { SignaturePorts } from '../assess/signature.ts';
import type { SuggestVariant } from '../assess/variants.ts';
import type { Tree } from '../discover/tree.ts';
import type { Registry } from '../resolve/registry.ts';
import type { SeenDigests } from '../resolve/seen.ts';

/** What facts of images are gathered with. Null: nobody looks, and policy says so where it matters. */
export type FactPorts = {
  readonly signatures: SignaturePorts | null;
  /** Scans both sides of a move and compares them; a move without an old side is a scan of one image. */
  readonly scan: ((move: ImageMove) => Promise<ScanDiffFact>) | null;
  readonly seen: SeenDigests | null;
  /** Names a better variant of an image that was scanned; asked for proposed moves only. */
  readonly suggest: SuggestVariant | null;
};

export const NO_FACTS: FactPorts = { signatures: null, scan: null, seen: null, suggest: null };

/** All that a pass asks. */
export type PassPorts = {
  readonly tree: Tree;
  readonly registry: Registry;
  readonly facts: FactPorts;
  /** Says since when a digest is pinned where the ledger does not; null where there is no history to ask. */
  readonly history: PinHistory | null;
};
