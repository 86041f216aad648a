import type { ForgeReader } from '../../forge/reader.ts';
import type { Permission } from '../../forge/types.ts';
import { permissionOf } from './answers.ts';
import type { ForgeContext } from './context.ts';
import { unlessMissing } from './pages.ts';
import { commitReader } from './read-commits.ts';
import { issueReader } from './read-issues.ts';
import { changeReader, pullRequestReader } from './read-pulls.ts';

/** Reads one repository through GitHub's API. See the port for what each method promises. */
export function createReader(context: ForgeContext): ForgeReader {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };
  return {
    repository,
    identity: context.identity,
    ...commitReader(context),
    ...pullRequestReader(context),
    ...changeReader(context),
    ...issueReader(context),

    async signature() {
      const { login } = await context.identity();
      const { data } = await octokit.request('GET /users/{username}', { username: login });
      // The address GitHub gives commits it makes for this account.
      return `${data.name ?? login} <${data.id}+${login}@users.noreply.github.com>`;
    },

    async facts() {
      const { data } = await octokit.request('GET /repos/{owner}/{repo}', at);
      return {
        owner: data.owner.login,
        name: data.name,
        defaultBranch: data.default_branch,
        archived: data.archived,
        disabled: data.disabled,
        fork: data.fork,
        private: data.private,
        url: data.html_url,
      };
    },

    async permissionOf(login): Promise<Permission> {
      const found = await unlessMissing(async () => {
        const { data } = await octokit.request(
          'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
          { ...at, username: login },
        );
        return permissionOf(data.permission, data.role_name);
      });
      return found ?? 'none';
    },
  };
}
