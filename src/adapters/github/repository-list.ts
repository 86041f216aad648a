import { repositoryKey } from '../../domain/repository-name.ts';
import type { ListedRepository, RepositorySource } from '../../forge/repository-source.ts';
import type { GitHub } from './client.ts';
import { isGitHubError } from './errors.ts';

/** Which repositories are looked after. All empty: every one that the credentials reach. */
export type RepositoryChoice = {
  /** `owner/name` */
  readonly repositories: readonly string[];
  /** Organisations or users: all of theirs that the credentials reach. */
  readonly organisations: readonly string[];
  /** Only repositories with one of these topics; those named in `repositories` in any case. */
  readonly topics: readonly string[];
};

type Found = {
  readonly name: string;
  readonly owner: { readonly login: string };
  readonly archived?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  readonly topics?: readonly string[] | undefined;
};

const PAGE = 100;

/**
 * Lists repositories on GitHub by name, organisation, topic or installation, each once. With App credentials an
 * organisation is the installation there; without an installation it has none. Throws {@link GitHubError}.
 */
export function repositoryList(github: GitHub, isApp: boolean, choice: RepositoryChoice): RepositorySource {
  return {
    async *repositories() {
      const seen = new Set<string>();
      for await (const found of chosen(github, isApp, choice)) {
        const key = repositoryKey(found);
        if (seen.has(key)) continue;
        seen.add(key);
        yield found;
      }
    },
  };
}

async function* chosen(
  github: GitHub,
  isApp: boolean,
  choice: RepositoryChoice,
): AsyncGenerator<ListedRepository> {
  for (const text of choice.repositories) {
    const slash = text.indexOf('/');
    const name = { owner: text.slice(0, slash), name: text.slice(slash + 1) };
    yield { ...name, installationId: null, archived: false, disabled: false };
  }
  if (choice.repositories.length > 0 && choice.organisations.length === 0 && choice.topics.length === 0)
    return;
  const listing = isApp ? ofInstallations(github, choice) : ofToken(github, choice);
  for await (const { found, installationId } of listing) {
    const topics = found.topics ?? [];
    if (choice.topics.length > 0 && !choice.topics.some((topic) => topics.includes(topic))) continue;
    yield {
      owner: found.owner.login,
      name: found.name,
      installationId,
      archived: found.archived ?? false,
      disabled: found.disabled ?? false,
    };
  }
}

type Listing = AsyncGenerator<{ readonly found: Found; readonly installationId: number | null }>;

async function* ofInstallations(github: GitHub, { organisations }: RepositoryChoice): Listing {
  const wanted = new Set(organisations.map((name) => name.toLowerCase()));
  for await (const { id, account } of github.installations()) {
    if (wanted.size > 0 && !wanted.has(account.toLowerCase())) continue;
    const octokit = github.installation(id);
    for (let page = 1; ; page++) {
      const { data } = await octokit.request('GET /installation/repositories', { per_page: PAGE, page });
      for (const found of data.repositories) yield { found, installationId: id };
      if (data.repositories.length < PAGE) break;
    }
  }
}

async function* ofToken(github: GitHub, { organisations }: RepositoryChoice): Listing {
  const octokit = await github.repository('', '');
  if (organisations.length === 0) {
    for (let page = 1; ; page++) {
      const { data } = await octokit.request('GET /user/repos', { per_page: PAGE, page });
      for (const found of data) yield { found, installationId: null };
      if (data.length < PAGE) return;
    }
  }
  for (const account of organisations) {
    const isOrganisation = await exists(() => octokit.request('GET /orgs/{org}', { org: account }));
    for (let page = 1; ; page++) {
      const { data } = isOrganisation
        ? await octokit.request('GET /orgs/{org}/repos', { org: account, per_page: PAGE, page })
        : await octokit.request('GET /users/{username}/repos', { username: account, per_page: PAGE, page });
      for (const found of data) yield { found, installationId: null };
      if (data.length < PAGE) break;
    }
  }
}

async function exists(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (isGitHubError(error, 'not-found')) return false;
    throw error;
  }
}
