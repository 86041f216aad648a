import nock from 'nock';
import { GitHub } from '../../../src/adapters/github/client.ts';
import { GitHubPinHistory, type PinDays } from '../../../src/adapters/github/pin-history.ts';

const API = 'https://api.github.test';

/** One commit of one file. */
export type FileCommit = {
  readonly day: string;
  readonly text: string;
  /** The file's name before this commit. */
  readonly renamedFrom?: string;
  /** The day its pull request was merged into this branch. */
  readonly merged?: readonly { readonly into: string; readonly on: string | null }[];
  readonly size?: number;
};

/**
 * A repository whose files have these commits each, newest first, behind GitHub's API. What is asked for below a path that
 * begins with `broken` is refused. Gives what was asked for.
 */
export function serveFileHistory(
  files: Readonly<Record<string, readonly FileCommit[]>>,
  broken = '',
): string[] {
  const asked: string[] = [];
  const commitOf = (sha: string): { readonly file: string; readonly commit: FileCommit | undefined } => {
    const file = Object.keys(files)[Number(sha.slice(0, 4))] ?? '';
    return { file, commit: files[file]?.[Number(sha.slice(4))] };
  };
  const shaOf = (file: string, index: number): string =>
    `${String(Object.keys(files).indexOf(file)).padStart(4, '0')}${String(index).padStart(36, '0')}`;
  nock(API)
    .persist()
    .get(/.*/)
    .reply((request: Request) => {
      const url = new URL(request.url);
      const path = decodeURIComponent(url.pathname).replace('/repos/o/r/', '');
      asked.push(path);
      if (broken !== '' && path.startsWith(broken)) return [403, { message: 'no' }];
      const pulls = /^commits\/(\d+)\/pulls$/.exec(path);
      if (pulls !== null) {
        const { commit } = commitOf(pulls[1] ?? '');
        const merged = commit?.merged ?? [];
        return [200, merged.map(({ into, on }) => ({ base: { ref: into }, merged_at: on }))];
      }
      if (path === 'commits') {
        const file = url.searchParams.get('path') ?? '';
        const page = Number(url.searchParams.get('page'));
        const all = (files[file] ?? []).map(({ day }, i) => ({
          sha: shaOf(file, i),
          commit: { committer: { date: `${day}T12:00:00Z` } },
        }));
        return [200, all.slice((page - 1) * 100, page * 100)];
      }
      if (path.startsWith('commits/')) {
        const { file, commit } = commitOf(path.slice('commits/'.length));
        const former = commit?.renamedFrom;
        const renamed = former === undefined ? {} : { previous_filename: former };
        return [200, { files: [{ filename: file, ...renamed }], parents: [{ sha: 'f'.repeat(40) }] }];
      }
      const { file, commit } = commitOf(url.searchParams.get('ref') ?? '');
      if (commit === undefined || path !== `contents/${file}`) return [404, { message: 'Not Found' }];
      const content = Buffer.from(commit.text).toString('base64');
      return [200, { type: 'file', size: commit.size ?? commit.text.length, content }];
    });
  return asked;
}

/** The history of `main` of that repository. */
export async function githubHistory(days?: PinDays): Promise<GitHubPinHistory> {
  const github = new GitHub({
    baseUrl: API,
    credentials: { kind: 'token', token: 't' },
    sleep: async () => {},
  });
  return new GitHubPinHistory(await github.repository('o', 'r'), { owner: 'o', name: 'r' }, 'main', days);
}
