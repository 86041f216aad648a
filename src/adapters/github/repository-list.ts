import { repositoryKey } from '../../domain/repository-name.ts';
import type { ListedRepository, RepositorySource } from '../../forge/repository-source.ts';
import type { GitHub } from './client.ts';
import { isGitHubError } from './errors.ts';
import { PAGE, unlessMissing } from './pages.ts';

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

/**
 * Lists repositories on GitHub by name, organisation, topic or installation, each once. With App credentials an
 * organisation is the installation there; without an installation it has none. Throws {@link GitHubError}, where one account
 * of several refuses only after the others are listed.
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
  yield* ofEach(github.installations(), async function* ({ id: installationId, account }) {
    if (wanted.size > 0 && !wanted.has(account.toLowerCase())) return;
    const octokit = github.installation(installationId);
    const listed = eachPage(async (page) => {
      const { data } = await octokit.request('GET /installation/repositories', { per_page: PAGE, page });
      return data.repositories;
    });
    for await (const found of listed) yield { found, installationId };
  });
}

async function* ofToken(github: GitHub, { organisations }: RepositoryChoice): Listing {
  const octokit = await github.repository('', '');
  const listing = async function* (ask: Ask): Listing {
    for await (const found of eachPage(ask)) yield { found, installationId: null };
  };
  if (organisations.length === 0) {
    yield* listing(async (page) => (await octokit.request('GET /user/repos', { per_page: PAGE, page })).data);
    return;
  }
  yield* ofEach(organisations, async function* (account) {
    const organisation = await unlessMissing(() => octokit.request('GET /orgs/{org}', { org: account }));
    yield* listing(async (page) => {
      const { data } =
        organisation !== null
          ? await octokit.request('GET /orgs/{org}/repos', { org: account, per_page: PAGE, page })
          : await octokit.request('GET /users/{username}/repos', { username: account, per_page: PAGE, page });
      return data;
    });
  });
}

/**
 * The listings of some accounts, one after another. One that refuses (its allow list, its name gone) keeps none of the
 * others back: the first such fault is thrown behind the last. A rate limit is thrown at once.
 */
async function* ofEach<Account>(
  accounts: Iterable<Account> | AsyncIterable<Account>,
  list: (account: Account) => Listing,
): Listing {
  const faults: unknown[] = [];
  for await (const account of accounts) {
    try {
      yield* list(account);
    } catch (error) {
      if (isGitHubError(error, 'rate-limited')) throw error;
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
}

type Ask = (page: number) => Promise<readonly Found[]>;

/** What the pages of a list hold, each asked for once the one before is used up. */
async function* eachPage(ask: Ask): AsyncGenerator<Found> {
  for (let page = 1; ; page++) {
    const found = await ask(page);
    yield* found;
    if (found.length < PAGE) return;
  }
}
