import { forgeContract } from '../contract/forge.ts';
import { type FixtureEntry, treeContract } from '../contract/tree.ts';
import { memoryForge } from '../support/forge/memory-forge.ts';
import { byPerson } from '../support/forge/memory-git.ts';
import { MemoryRepository } from '../support/forge/memory-repository.ts';
import { MemoryTree } from '../support/forge/memory-tree.ts';

/** The forge that unit tests work on keeps the promises of the port, as GitHub's adapter does. */
forgeContract('a repository in memory', async () => {
  const repository = new MemoryRepository();
  repository.push('main', { Dockerfile: 'FROM a\n' });
  return {
    forge: memoryForge(repository),
    push: async (branch, files, author = 'mona') => repository.push(branch, files, byPerson(author)),
    propose: async (branch, author) => repository.propose(branch, author),
    closePull: async (number) => repository.closePull(number),
    mergePull: async (number) => void repository.mergePull(number),
    updateBranch: async (number) => repository.updateBranch(number),
    newIssue: async (author) => repository.newIssue(author),
    say: async (issue, body, author) => repository.say(issue, body, author),
    reactionsTo: async (comment) => repository.reactionsTo(comment),
    grant: async (login, permission) => void repository.permissions.set(login, permission),
    close: async () => {},
  };
});

treeContract('a commit in memory', async (entries: readonly FixtureEntry[]) => {
  const files = entries.map(
    ({ path, mode, content }) => [path, { mode, bytes: Buffer.from(content) }] as const,
  );
  return { tree: new MemoryTree(new Map(files)), close: async () => {} };
});
