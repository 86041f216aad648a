import { describe, expect, test } from 'vitest';
import { GitHub } from '../../src/adapters/github/client.ts';
import { objectCaches, openForge } from '../../src/adapters/github/forge.ts';
import type { Tree } from '../../src/discover/tree.ts';
import { type FixtureEntry, treeContract } from '../contract/tree.ts';
import { GitHubStandIn, loadJudge } from '../support/github/stand-in.ts';

const judge = loadJudge();
const REPOSITORY = 'acme/shop';

/** A repository that holds exactly these entries, and its tree. */
async function openTree(
  entries: readonly FixtureEntry[],
  how: { readonly truncated?: boolean; readonly graphql?: boolean } = {},
): Promise<{ tree: Tree; github: GitHubStandIn; close(): Promise<void> }> {
  const github = await GitHubStandIn.start({ judge, graphql: how.graphql ?? true });
  const root = `/repos/${REPOSITORY}/git`;
  const tree = [];
  for (const entry of entries) {
    const blob = await github.as(null, 'POST', `${root}/blobs`, {
      content: Buffer.from(entry.content).toString('base64'),
      encoding: 'base64',
    });
    tree.push({ path: entry.path, mode: entry.mode, type: 'blob', sha: blob['sha'] });
  }
  const made = await github.as(null, 'POST', `${root}/trees`, { tree });
  const commit = await github.as(null, 'POST', `${root}/commits`, {
    message: 'fixture',
    tree: made['sha'],
    parents: [await github.branchTip(REPOSITORY, 'main')],
  });
  await github.as(null, 'PATCH', `${root}/refs/heads/main`, { sha: commit['sha'] });
  github.world.truncateTrees = how.truncated ?? false;

  const client = new GitHub({
    baseUrl: github.url,
    credentials: { kind: 'app', appId: String(github.appId), privateKey: github.privateKey },
  });
  const forge = await openForge(client, { owner: 'acme', name: 'shop' }, null, objectCaches());
  const head = await forge.commit('HEAD');
  if (head === null) throw new Error('no commit');
  return {
    tree: forge.treeAt(head),
    github,
    close: async () => {
      await github.close();
      expect(github.faults).toEqual([]);
    },
  };
}

treeContract('GitHub', (entries) => openTree(entries));
treeContract('GitHub, listings truncated', (entries) => openTree(entries, { truncated: true }));
treeContract('GitHub, without GraphQL', (entries) => openTree(entries, { graphql: false }));

describe('reading', () => {
  test('takes one listing and one batch for fifty files, and nothing for files read before', async () => {
    const files = Array.from(
      { length: 50 },
      (_, i): FixtureEntry => ({
        path: `d${i}/Dockerfile`,
        mode: '100644',
        content: `FROM image${i}\n`,
      }),
    );
    const { tree, github, close } = await openTree(files);
    github.takeCounts();
    await tree.list(() => false);
    await Promise.all(files.map((file) => tree.read(file.path)));
    expect(github.takeCounts()).toMatchObject({ read: 1, graphql: 1 });
    await Promise.all(files.map((file) => tree.read(file.path)));
    expect(github.takeCounts()).toMatchObject({ read: 0, graphql: 0 });
    await close();
  });

  test('a submodule is listed and not read', async () => {
    const { tree, github, close } = await openTree([{ path: 'a', mode: '100644', content: 'a' }]);
    const root = `/repos/${REPOSITORY}/git`;
    const made = await github.as(null, 'POST', `${root}/trees`, {
      tree: [{ path: 'sub', mode: '160000', type: 'commit', sha: '1'.repeat(40) }],
    });
    expect(made['sha']).toBeTypeOf('string');
    await tree.list(() => false);
    await expect(tree.read('sub')).rejects.toMatchObject({ code: 'not-found' });
    await close();
  });

  test('links are followed inside the repository, and not for ever', async () => {
    const { tree, close } = await openTree([
      { path: 'real', mode: '100644', content: 'text' },
      { path: 'deep/link', mode: '120000', content: '../real' },
      { path: 'loop', mode: '120000', content: 'loop' },
    ]);
    expect(Buffer.from(await tree.read('deep/link')).toString()).toBe('text');
    await expect(tree.read('loop')).rejects.toMatchObject({ code: 'unreadable' });
    await close();
  });
});
