import type { Forge } from '../forge/forge.ts';
import { isSameText } from '../forge/own-comments.ts';
import type { Issue } from '../forge/types.ts';
import { codeSpan, escapeMarkdown } from '../report/markdown.ts';

const MARK = '<!-- pinwheel:config-error -->';

/**
 * Keeps the one issue about a configuration that cannot be read: opened or brought up to date while `problems` (plain
 * text, one line each) is not empty, closed by itself once it is.
 */
export async function syncConfigIssue(
  forge: Forge,
  issues: readonly Issue[],
  file: string,
  problems: readonly string[],
): Promise<void> {
  const existing = issues.find((issue) => !issue.isPullRequest && issue.body.includes(MARK)) ?? null;
  if (problems.length === 0) {
    if (existing !== null) await forge.updateIssue(existing.number, { state: 'closed' });
    return;
  }
  const rows = problems.slice(0, 50).map((problem) => `- ${escapeMarkdown(problem, 500)}`);
  const body = [
    `Pinwheel cannot read ${codeSpan(file)} and does nothing in this repository until it is fixed:`,
    rows.join('\n'),
    'This issue then closes by itself.',
    MARK,
  ].join('\n\n');
  if (existing === null) {
    await forge.openIssue({ title: 'Pinwheel: the configuration cannot be read', body, labels: [] });
  } else if (!isSameText(existing.body, body)) {
    await forge.updateIssue(existing.number, { body });
  }
}
