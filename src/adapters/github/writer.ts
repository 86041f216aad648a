import { gzipSync } from 'node:zlib';
import type { Annotation, CheckRequest, TreeWrite } from '../../forge/types.ts';
import type { ForgeWriter } from '../../forge/writer.ts';
import { commentOf, issueOf, pullRequestOf } from './answers.ts';
import { isGitHubError } from './errors.ts';
import { keepFiles } from './keep-files.ts';
import type { ForgeContext } from './reader.ts';

// Annotations a request: https://docs.github.com/en/rest/checks/runs#update-a-check-run
const ANNOTATIONS = 50;

/** Writes to one repository through GitHub's API. See the port for what each method promises. */
export function createWriter(context: ForgeContext): ForgeWriter {
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

  /** Whether code scanning has results of ours for a commit. */
  const hasAnalysis = async (ref: string, sha: string): Promise<boolean> => {
    try {
      const { data } = await octokit.request('GET /repos/{owner}/{repo}/code-scanning/analyses', {
        ...at,
        ref,
        tool_name: 'Pinwheel',
        per_page: 100,
      });
      return data.some((analysis) => analysis.commit_sha === sha);
    } catch (error) {
      // "No analysis found" is a 404; whether scanning is off at all, the upload tells.
      if (isGitHubError(error, 'not-found')) return false;
      throw error;
    }
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

    async createBranch(branch, sha) {
      try {
        await octokit.request('POST /repos/{owner}/{repo}/git/refs', {
          ...at,
          ref: `refs/heads/${branch}`,
          sha,
        });
        return 'created';
      } catch (error) {
        if (isGitHubError(error, 'unprocessable') && /already exists/i.test(error.message)) return 'exists';
        throw error;
      }
    },

    async moveBranch(branch, sha, force) {
      try {
        await octokit.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
          ...at,
          ref: `heads/${branch}`,
          sha,
          force,
        });
        return 'moved';
      } catch (error) {
        if (isGitHubError(error, 'not-found')) return 'gone';
        if (!isGitHubError(error, 'unprocessable')) throw error;
        if (/fast.forward/i.test(error.message)) return 'not-fast-forward';
        if (/does not exist/i.test(error.message)) return 'gone';
        throw error;
      }
    },

    async deleteBranch(branch) {
      try {
        await octokit.request('DELETE /repos/{owner}/{repo}/git/refs/{ref}', {
          ...at,
          ref: `heads/${branch}`,
        });
      } catch (error) {
        // 422 "Reference does not exist": somebody, or GitHub after the merge, was first.
        if (!isGitHubError(error, 'not-found', 'unprocessable')) throw error;
      }
    },

    async openPullRequest(request) {
      try {
        const { data } = await octokit.request('POST /repos/{owner}/{repo}/pulls', {
          ...at,
          head: request.branch,
          base: request.base,
          title: request.title,
          body: request.body,
          draft: request.draft,
        });
        return pullRequestOf(data);
      } catch (error) {
        if (!isGitHubError(error, 'unprocessable')) throw error;
        const words = `${error.message} ${errorsOf(error.cause)}`;
        if (/already exists/i.test(words)) return 'exists';
        if (/no commits between/i.test(words)) return 'nothing';
        // Drafts are not there for private repositories of some plans.
        if (request.draft && /draft pull requests are not supported/i.test(words)) {
          return this.openPullRequest({ ...request, draft: false });
        }
        throw error;
      }
    },

    async updatePullRequest(number, change) {
      await octokit.request('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
        ...at,
        pull_number: number,
        ...change,
      });
    },

    async tag(issue, labels, assignees) {
      if (labels.length > 0) {
        await octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
          ...at,
          issue_number: issue,
          labels: [...labels],
        });
      }
      if (assignees.length > 0) {
        await octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/assignees', {
          ...at,
          issue_number: issue,
          assignees: [...assignees],
        });
      }
    },

    async requestReviews(number, reviewers) {
      const teams = reviewers.filter((name) => name.includes('/'));
      await octokit.request('POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers', {
        ...at,
        pull_number: number,
        reviewers: reviewers.filter((name) => !name.includes('/')),
        team_reviewers: teams.map((name) => name.slice(name.indexOf('/') + 1)),
      });
    },

    async enableAutomerge(pullRequest, method) {
      await octokit.graphql(
        `mutation pinwheelAutomerge($id: ID!, $mergeMethod: PullRequestMergeMethod!) {
  enablePullRequestAutoMerge(input: { pullRequestId: $id, mergeMethod: $mergeMethod }) {
    pullRequest { number }
  }
}`,
        { id: pullRequest.id, mergeMethod: method.toUpperCase() },
      );
    },

    async openIssue(issue) {
      const { data } = await octokit.request('POST /repos/{owner}/{repo}/issues', {
        ...at,
        title: issue.title,
        body: issue.body,
        labels: [...issue.labels],
      });
      return issueOf(data);
    },

    async updateIssue(number, change) {
      await octokit.request('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
        ...at,
        issue_number: number,
        ...change,
      });
    },

    async comment(issue, body) {
      const { data } = await octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        ...at,
        issue_number: issue,
        body,
      });
      return commentOf(data);
    },

    async editComment(id, body) {
      await octokit.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
        ...at,
        comment_id: id,
        body,
      });
    },

    async react(commentId, reaction) {
      await octokit.request('POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', {
        ...at,
        comment_id: commentId,
        content: reaction,
      });
    },

    async putCheck(request) {
      const { data } = await octokit.request('POST /repos/{owner}/{repo}/check-runs', {
        ...at,
        name: request.name,
        head_sha: request.sha,
        external_id: request.externalId,
        status: 'completed',
        conclusion: request.conclusion,
        output: outputOf(request, request.annotations.slice(0, ANNOTATIONS)),
      });
      for (let from = ANNOTATIONS; from < request.annotations.length; from += ANNOTATIONS) {
        await octokit.request('PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', {
          ...at,
          check_run_id: Number(data.id),
          output: outputOf(request, request.annotations.slice(from, from + ANNOTATIONS)),
        });
      }
    },

    async uploadSarif(pullRequest, sha, sarif) {
      const ref = `refs/pull/${pullRequest}/head`;
      try {
        if (await hasAnalysis(ref, sha)) return 'taken';
        await octokit.request('POST /repos/{owner}/{repo}/code-scanning/sarifs', {
          ...at,
          commit_sha: sha,
          ref,
          sarif: gzipSync(sarif).toString('base64'),
        });
        return 'taken';
      } catch (error) {
        if (isGitHubError(error, 'forbidden', 'not-found')) return 'off';
        throw error;
      }
    },

    keepFiles: (name, files, message) => keepFiles(octokit, at, name, files, message),

    async suggest(number, sha, body, suggestions) {
      await octokit.request('POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews', {
        ...at,
        pull_number: number,
        commit_id: sha,
        event: 'COMMENT',
        body,
        comments: suggestions.map((one) => ({
          path: one.path,
          line: one.line,
          side: 'RIGHT',
          ...(one.startLine < one.line ? { start_line: one.startLine, start_side: 'RIGHT' } : {}),
          body: one.body,
        })),
      });
    },
  };
}

function outputOf(request: CheckRequest, annotations: readonly Annotation[]) {
  return {
    title: request.title,
    summary: request.summary,
    ...(request.text === '' ? {} : { text: request.text }),
    annotations: annotations.map((one) => ({
      path: one.path,
      start_line: one.line,
      end_line: one.line,
      annotation_level: one.level,
      title: one.title,
      message: one.message,
    })),
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

/** The `errors` GitHub adds to a 422, as text to look into. */
function errorsOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('response' in cause)) return '';
  return JSON.stringify(cause.response).slice(0, 4000);
}
