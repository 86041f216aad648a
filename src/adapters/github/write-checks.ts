import { gzipSync } from 'node:zlib';
import type { Annotation, CheckRunRequest } from '../../forge/types.ts';
import type { ForgeWriter } from '../../forge/writer.ts';
import type { ForgeContext } from './context.ts';
import { isGitHubError } from './errors.ts';

// Annotations a request: https://docs.github.com/en/rest/checks/runs#update-a-check-run
const ANNOTATIONS = 50;

/** Checks, and findings for code scanning. */
export function checkWriter(context: ForgeContext): Pick<ForgeWriter, 'putCheck' | 'uploadSarif'> {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };

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
  };
}

function outputOf(request: CheckRunRequest, annotations: readonly Annotation[]) {
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
