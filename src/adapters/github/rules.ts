import type { ForgeRules } from '../../forge/rules.ts';

/** What is particular to GitHub and known without asking it. */
export const GITHUB_RULES: ForgeRules = {
  limits: {
    // Counted in characters; the API refuses one more with "body is too long (maximum is 65536 characters)".
    body: 65_536,
    // https://docs.github.com/en/rest/checks/runs#create-a-check-run: output.summary and output.text.
    checkText: 65_535,
    // https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
    sarifRuns: 20,
  },
  links: {
    file: ({ url }, branch, { path, line }) => `${url}/blob/${pathOf(branch)}/${pathOf(path)}#L${line}`,
    keptFile: ({ url }, commit, path) => `${url}/raw/${commit}/${pathOf(path)}`,
    pullRequest: (number) => `#${number}`,
  },
  ownerRepository: '.github',
  mergeQueueBase: (branch) => /^gh-readonly-queue\/(.+)\/pr-[^/]+$/.exec(branch)?.[1] ?? null,
};

function pathOf(text: string): string {
  return text.split('/').map(encodeURIComponent).join('/');
}
