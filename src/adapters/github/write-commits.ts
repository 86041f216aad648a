import type { TreeWrite } from '../../forge/types.ts';
import type { ForgeWriter } from '../../forge/writer.ts';
import type { ForgeContext } from './context.ts';
import { keepFiles } from './keep-files.ts';

/** Commits, and files that are kept on no branch. */
export function commitWriter(context: ForgeContext): Pick<ForgeWriter, 'writeCommit' | 'keepFiles'> {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };

  const treeEntry = async (write: TreeWrite) => {
    const place = { path: write.path, mode: write.mode, type: 'blob' } as const;
    const text = utf8Of(write.bytes);
    if (text !== null) return { ...place, content: text };
    const { data } = await octokit.request('POST /repos/{owner}/{repo}/git/blobs', {
      ...at,
      content: Buffer.from(write.bytes).toString('base64'),
      encoding: 'base64',
    });
    return { ...place, sha: data.sha };
  };

  return {
    async writeCommit(request) {
      const entries = [];
      for (const write of request.writes) entries.push(await treeEntry(write));
      const tree = await octokit.request('POST /repos/{owner}/{repo}/git/trees', {
        ...at,
        base_tree: request.baseTree,
        tree: entries,
      });
      // No author, no committer: only then does GitHub sign an App's commit.
      const commit = await octokit.request('POST /repos/{owner}/{repo}/git/commits', {
        ...at,
        message: request.message,
        tree: tree.data.sha,
        parents: [request.parent],
      });
      return commit.data.sha;
    },

    keepFiles: (name, files, message) => keepFiles(octokit, at, name, files, message),
  };
}

/** The text, where the bytes are UTF-8 that a JSON string carries without loss; null otherwise. */
function utf8Of(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
