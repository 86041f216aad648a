import { DOCKER_HUB, type TaggedImage } from '../../domain/image-reference.ts';
import { safeUrl } from '../../report/markdown.ts';
import type { SourceRange } from './report.ts';

/**
 * A page about an image where its registry has one for people, else null. Only registries whose addresses follow from
 * the name are known; nothing is looked up.
 */
export function registryPage(image: TaggedImage): string | null {
  const { registry, repository, tag } = image;
  if (registry === DOCKER_HUB) {
    const query = `tags?name=${encodeURIComponent(tag)}`;
    return repository.startsWith('library/')
      ? `https://hub.docker.com/_/${repository.slice('library/'.length)}/${query}`
      : `https://hub.docker.com/r/${repository}/${query}`;
  }
  if (registry === 'ghcr.io') return `https://ghcr.io/${repository}`;
  if (registry === 'quay.io') return `https://quay.io/repository/${repository}?tab=tags`;
  if (registry === 'mcr.microsoft.com') {
    return `https://mcr.microsoft.com/artifact/mar/${repository}/tag/${encodeURIComponent(tag)}`;
  }
  if (registry === 'public.ecr.aws') return `https://gallery.ecr.aws/${repository}`;
  if (registry === 'gcr.io' || registry.endsWith('.gcr.io')) return `https://${registry}/${repository}`;
  if (registry === 'cgr.dev' && repository.startsWith('chainguard/')) {
    return `https://images.chainguard.dev/directory/image/${repository.slice('chainguard/'.length)}/versions`;
  }
  return null;
}

const SHA = /^[0-9a-f]{7,64}$/i;

/** The page that compares two commits of a source repository on GitHub or GitLab, or the newer commit alone. */
export function comparePage(range: SourceRange): string | null {
  const url = safeUrl(range.url.replace(/^git\+/, ''));
  if (url === null || !SHA.test(range.to)) return null;
  const parsed = new URL(url);
  parsed.search = '';
  parsed.hash = '';
  const [owner, name] = parsed.pathname.split('/').filter((part) => part !== '');
  if (owner === undefined || name === undefined) return null;
  const between = range.from !== null && SHA.test(range.from) && range.from !== range.to;
  if (parsed.hostname === 'github.com') {
    const root = `https://github.com/${owner}/${name.replace(/\.git$/, '')}`;
    return between ? `${root}/compare/${range.from}...${range.to}` : `${root}/commit/${range.to}`;
  }
  if (parsed.hostname === 'gitlab.com') {
    const root = `https://gitlab.com${parsed.pathname.replace(/(?:\.git)?\/*$/, '')}`;
    return between ? `${root}/-/compare/${range.from}...${range.to}` : `${root}/-/commit/${range.to}`;
  }
  return null;
}
