import { canonicalName, familiarName, type Repository } from '../domain/image-reference.ts';

const LIMIT = 512;

/**
 * Whether a glob names an image. `*` stands for any run within one path segment, `**` for any run at all, everything
 * else for itself. It is tried on the canonical name (`docker.io/library/python`) and on the short one (`python`).
 * Pure; time is pattern length times name length at most. Patterns over 512 characters match nothing.
 */
export function matchesImage(glob: string, repository: Repository): boolean {
  return matchesGlob(glob, canonicalName(repository)) || matchesGlob(glob, familiarName(repository));
}

/** Whether `glob` matches the whole of `text`, with `*` for a run without `/` and `**` for any run. */
export function matchesGlob(glob: string, text: string): boolean {
  return matchRuns(glob, text, true);
}

/** Whether `glob` matches the whole of `text`, with `*` for any run of characters. For identities and URLs. */
export function matchesText(glob: string, text: string): boolean {
  return matchRuns(glob, text, false);
}

/** The set of positions that a prefix of the glob can reach, moved forward one token at a time: no backtracking. */
function matchRuns(glob: string, text: string, stopAtSlash: boolean): boolean {
  if (glob.length > LIMIT || text.length > 8 * LIMIT) return false;
  let reached = new Uint8Array(text.length + 1);
  reached[0] = 1;
  for (let i = 0; i < glob.length; i++) {
    const next = new Uint8Array(text.length + 1);
    if (glob[i] === '*') {
      const isDouble = glob[i + 1] === '*';
      if (isDouble) i++;
      const crosses = isDouble || !stopAtSlash;
      let open = false;
      for (let p = 0; p <= text.length; p++) {
        if (p > 0 && text[p - 1] === '/' && !crosses) open = false;
        if (reached[p] === 1) open = true;
        if (open) next[p] = 1;
      }
    } else {
      for (let p = 0; p < text.length; p++) if (reached[p] === 1 && text[p] === glob[i]) next[p + 1] = 1;
    }
    reached = next;
  }
  return reached[text.length] === 1;
}
