import { marked } from 'marked';

export type PageInput = {
  readonly title: string;
  readonly number: number;
  readonly repository: string;
  readonly branch: string;
  readonly body: string;
  readonly comments: readonly string[];
  readonly checks: readonly Readonly<Record<string, unknown>>[];
  readonly diff: string;
  readonly ledger: string;
  readonly requests: string;
};

/** The pull request as a page, much as GitHub shows it: body, comments, checks, diff, ledger. Light and dark. */
export function renderPage(input: PageInput): string {
  const comments = input.comments
    .map(
      (text, i) =>
        `<article class="comment"><header>${i % 2 === 0 ? 'mona' : 'pinwheel <em>bot</em>'}</header>${markdown(text)}</article>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(input.title)}</title>
<style>${STYLE}</style>
<main>
<h1>${escapeHtml(input.title)} <small>#${input.number}</small></h1>
<p class="meta"><b>Open</b> pinwheel <em>bot</em> wants to merge <code>${escapeHtml(input.branch)}</code> into <code>main</code> of ${escapeHtml(input.repository)}</p>
<article class="comment"><header>pinwheel <em>bot</em></header>${markdown(input.body)}</article>
${comments}
<h2>Checks</h2>
${input.checks.map(checkHtml).join('\n')}
<h2>Files changed</h2>
<pre class="diff">${input.diff.split('\n').map(diffLine).join('\n')}</pre>
<h2>BASE_IMAGE_DIGESTS.md after the merge</h2>
<article class="comment file">${markdown(input.ledger)}</article>
<p class="meta">${escapeHtml(input.requests)}</p>
</main>
</html>
`;
}

function checkHtml(check: Readonly<Record<string, unknown>>): string {
  const output = (check['output'] ?? {}) as { title?: string; summary?: string; text?: string };
  const mark = check['conclusion'] === 'success' ? '✅' : check['conclusion'] === 'failure' ? '❌' : '⚪';
  const summary = `${mark} <b>${escapeHtml(String(check['name']))}</b> — ${escapeHtml(output.title ?? '')}`;
  return `<details><summary>${summary}</summary><div class="comment">${markdown(output.summary ?? '')}${markdown(output.text ?? '')}</div></details>`;
}

function markdown(text: string): string {
  // Task boxes as GitHub draws them; comments in the source stay invisible.
  return marked.parse(text, { async: false, gfm: true });
}

function diffLine(line: string): string {
  const kind = line.startsWith('+')
    ? 'add'
    : line.startsWith('-')
      ? 'del'
      : line.startsWith('@@')
        ? 'hunk'
        : '';
  return `<span class="${kind}">${escapeHtml(line)}</span>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const STYLE = `
:root { color-scheme: light dark; --fg: #1f2328; --muted: #59636e; --bg: #fff; --soft: #f6f8fa; --line: #d1d9e0; --add: #dafbe1; --del: #ffebe9; --link: #0969da; --open: #1f883d; }
@media (prefers-color-scheme: dark) { :root { --fg: #f0f6fc; --muted: #9198a1; --bg: #0d1117; --soft: #151b23; --line: #3d444d; --add: #12261e; --del: #2d1618; --link: #4493f8; --open: #238636; } }
body { margin: 0; background: var(--bg); color: var(--fg); font: 14px/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, "DejaVu Sans", sans-serif; }
main { max-width: 980px; margin: 32px auto; padding: 0 16px; }
h1 { font-weight: 400; font-size: 28px; margin: 0 0 8px; } h1 small { color: var(--muted); font-size: inherit; }
h2 { font-size: 18px; margin: 32px 0 12px; border-bottom: 1px solid var(--line); padding-bottom: 6px; }
.meta { color: var(--muted); } .meta b { background: var(--open); color: #fff; border-radius: 2em; padding: 3px 10px; font-weight: 500; margin-right: 6px; } em { font-style: normal; border: 1px solid var(--line); border-radius: 2em; padding: 0 6px; font-size: 12px; color: var(--muted); }
.comment { border: 1px solid var(--line); border-radius: 6px; margin: 16px 0; padding: 0 16px 8px; overflow-x: auto; }
.comment > header { margin: 0 -16px 12px; padding: 8px 16px; background: var(--soft); border-bottom: 1px solid var(--line); color: var(--muted); }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: 8px 0 16px; } th, td { border: 1px solid var(--line); padding: 6px 13px; } tr:nth-child(2n) { background: var(--soft); }
code { background: color-mix(in srgb, var(--muted) 18%, transparent); padding: .15em .4em; border-radius: 6px; font: 85%/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
a { color: var(--link); text-decoration: none; } details { margin: 8px 0; } summary { cursor: pointer; }
ul { padding-left: 2em; } li:has(> input) { list-style: none; margin-left: -1.4em; } blockquote { margin: 0; padding: 0 1em; color: var(--muted); border-left: .25em solid var(--line); }
pre { background: var(--soft); border-radius: 6px; padding: 12px; overflow-x: auto; font: 12px/1.45 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.diff span { display: inline-block; min-width: 100%; } .diff .add { background: var(--add); } .diff .del { background: var(--del); } .diff .hunk { color: var(--muted); }
`;
