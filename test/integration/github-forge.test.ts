import { expect } from 'vitest';
import { GitHub } from '../../src/adapters/github/client.ts';
import { objectCaches, openForge } from '../../src/adapters/github/forge.ts';
import { type ForgeWorld, forgeContract } from '../contract/forge.ts';
import { record } from '../support/github/backend.ts';
import { GitHubStandIn, loadJudge } from '../support/github/stand-in.ts';

const REPOSITORY = 'acme/shop';
const ROOT = `/repos/${REPOSITORY}`;
const judge = loadJudge();

forgeContract('GitHub', async (): Promise<ForgeWorld> => {
  const github = await GitHubStandIn.start({ judge, users: ['mona', 'guest'] });
  const client = new GitHub({
    baseUrl: github.url,
    sleep: async () => {},
    credentials: { kind: 'app', appId: String(github.appId), privateKey: github.privateKey },
  });
  const first = await github.commitFiles(REPOSITORY, 'main', { Dockerfile: 'FROM a\n' });
  expect(first).not.toBe('');
  const number = (answer: Readonly<Record<string, unknown>>): number => Number(answer['number']);
  return {
    forge: await openForge(client, { owner: 'acme', name: 'shop' }, null, objectCaches()),
    push: (branch, files, author = 'mona') => github.commitFiles(REPOSITORY, branch, files, author),
    propose: async (branch, author) =>
      number(await github.as(author, 'POST', `${ROOT}/pulls`, { title: branch, head: branch, base: 'main' })),
    closePull: async (pull) =>
      void (await github.as('mona', 'PATCH', `${ROOT}/pulls/${pull}`, { state: 'closed' })),
    mergePull: async (pull) => void (await github.as('mona', 'PUT', `${ROOT}/pulls/${pull}/merge`, {})),
    updateBranch: (pull) => updateBranch(github, pull),
    newIssue: async (author) =>
      number(await github.as(author, 'POST', `${ROOT}/issues`, { title: 'a question' })),
    say: async (issue, body, author) =>
      Number((await github.as(author, 'POST', `${ROOT}/issues/${issue}/comments`, { body }))['id']),
    reactionsTo: async (comment) => (github.world.reactions.get(comment) ?? []).map(({ content }) => content),
    grant: (login) => github.grant(REPOSITORY, login, 'push'),
    close: async () => {
      await github.close();
      expect(github.faults).toEqual([]);
    },
  };
});

/** What the button does: a merge of the base into the head, signed by GitHub. */
async function updateBranch(github: GitHubStandIn, pull: number): Promise<string> {
  const found = await github.as(null, 'GET', `${ROOT}/pulls/${pull}`);
  const [head, base] = [record(found['head']), record(found['base'])];
  const listed = async (ref: unknown): Promise<unknown> =>
    (await github.as(null, 'GET', `${ROOT}/git/trees/${ref}?recursive=1`))['tree'];
  const files = (await listed(head['sha'])) as readonly Readonly<Record<string, unknown>>[];
  const commit = await github.as(null, 'GET', `${ROOT}/git/commits/${base['sha']}`);
  const tree = await github.as(null, 'POST', `${ROOT}/git/trees`, {
    base_tree: record(commit['tree'])['sha'],
    tree: files
      .filter(({ type }) => type === 'blob')
      .map(({ path, mode, type, sha }) => ({ path, mode, type, sha })),
  });
  const mona = { name: 'mona', email: 'mona@example.org' };
  const merge = await github.as(null, 'POST', `${ROOT}/git/commits`, {
    message: "Merge branch 'main'",
    tree: tree['sha'],
    parents: [head['sha'], base['sha']],
    author: mona,
    committer: { name: 'GitHub', email: 'noreply@github.com' },
  });
  await github.as(null, 'PATCH', `${ROOT}/git/refs/heads/${head['ref']}`, { sha: merge['sha'] });
  return String(merge['sha']);
}
