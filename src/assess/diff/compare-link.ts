import type { ImageConfig } from '../image/image-config.ts';
import type { ScanDiffFact } from './scan-diff.ts';

const COMMIT = /^[0-9a-f]{7,64}$/;
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

type Labels = ReadonlyMap<string, string>;

/** The `org.opencontainers.image.revision` label where it is a commit's id; null otherwise. */
export function revisionOf(labels: Labels): string | null {
  const revision = labels.get('org.opencontainers.image.revision')?.trim().toLowerCase() ?? '';
  return COMMIT.test(revision) ? revision : null;
}

/**
 * Where the images' source shows what changed between them: from the labels `org.opencontainers.image.source` and
 * `.revision` of both. Only GitHub and GitLab by https, the same repository on both sides, two different commits; null
 * otherwise. The labels are the publisher's word: the link is a pointer for people, nothing is decided by it.
 */
export function compareUrl(before: Labels, after: Labels): string | null {
  const [from, to] = [revisionOf(before), revisionOf(after)];
  if (from === null || to === null || from === to) return null;
  const [old, now] = [repositoryOf(before), repositoryOf(after)];
  if (old === null || now === null || old.url !== now.url) return null;
  return now.host === 'github.com'
    ? `${now.url}/compare/${from}...${to}`
    : `${now.url}/-/compare/${from}...${to}`;
}

function repositoryOf(labels: Labels): { readonly host: string; readonly url: string } | null {
  const source = labels.get('org.opencontainers.image.source')?.trim() ?? '';
  if (source.length > 500 || !URL.canParse(source)) return null;
  const url = new URL(source);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  if (url.hostname !== 'github.com' && url.hostname !== 'gitlab.com') return null;
  const segments = url.pathname
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .slice(1);
  // GitHub's labels may point into a repository (`/tree/main/dir`); GitLab's groups nest.
  const path = url.hostname === 'github.com' ? segments.slice(0, 2) : untilDash(segments);
  if (path.length < 2 || !path.every((segment) => SEGMENT.test(segment))) return null;
  const [owner, name, ...rest] = path;
  const repository = [owner, name?.replace(/\.git$/, ''), ...rest].join('/');
  return { host: url.hostname, url: `https://${url.hostname}/${repository}` };
}

function untilDash(segments: readonly string[]): readonly string[] {
  const dash = segments.indexOf('-');
  return dash < 0 ? segments : segments.slice(0, dash);
}

/** What two images say of their own making. */
export function saidByImages(
  before: ImageConfig | null,
  after: ImageConfig | null,
): Pick<ScanDiffFact, 'compareUrl' | 'revisions' | 'created'> {
  return {
    compareUrl: before === null || after === null ? null : compareUrl(before.labels, after.labels),
    revisions: {
      from: before === null ? null : revisionOf(before.labels),
      to: after === null ? null : revisionOf(after.labels),
    },
    created: { from: before?.created ?? null, to: after?.created ?? null },
  };
}
