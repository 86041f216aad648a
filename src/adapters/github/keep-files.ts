import type { Octokit } from '@octokit/rest';
import { isGitHubError } from './errors.ts';

type Place = { readonly owner: string; readonly repo: string };

/**
 * Writes files into a commit without parents and points `refs/pinwheel/<name>` to it: readable by whoever may read the
 * repository, on no branch, in nobody's clone by default. Gives the commit's id.
 */
export async function keepFiles(
  octokit: Octokit,
  at: Place,
  name: string,
  files: readonly { readonly path: string; readonly text: string }[],
  message: string,
): Promise<string> {
  const tree = await octokit.request('POST /repos/{owner}/{repo}/git/trees', {
    ...at,
    tree: files.map(({ path, text }) => ({ path, mode: '100644', type: 'blob', content: text })),
  });
  const { data } = await octokit.request('POST /repos/{owner}/{repo}/git/commits', {
    ...at,
    message,
    tree: tree.data.sha,
    parents: [],
  });
  await pointTo(octokit, at, `pinwheel/${name}`, data.sha);
  return data.sha;
}

async function pointTo(octokit: Octokit, at: Place, ref: string, sha: string): Promise<void> {
  try {
    await octokit.request('POST /repos/{owner}/{repo}/git/refs', { ...at, ref: `refs/${ref}`, sha });
  } catch (error) {
    if (!isGitHubError(error, 'unprocessable')) throw error;
    await octokit.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', { ...at, ref, sha, force: true });
  }
}
