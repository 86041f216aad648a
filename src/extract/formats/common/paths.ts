import { pathFrom } from '../../../domain/path.ts';

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What CI systems call the folder of the checkout, at the front of a path. */
const CHECKOUT =
  /^(?:\/workspace|\$\{?(?:CI_PROJECT_DIR|GITHUB_WORKSPACE|BITBUCKET_CLONE_DIR|PWD|WORKSPACE)\}?|\$\{\{\s*github\.workspace\s*\}\}|\$\((?:Build\.SourcesDirectory|System\.DefaultWorkingDirectory|Build\.Repository\.LocalPath|pwd)\)|\$\(workspaces\.[a-z-]+\.path\))(?:\/|$)/;

/**
 * `path` seen from `folder` (relative to the root, `''` for the root), with `.` and `..` taken out; `''` is the root.
 * Null where it is no path inside the repository: absolute, a URL, a variable, above the root.
 */
export function resolvePath(folder: string, path: string): string | null {
  const checkout = CHECKOUT.exec(path)?.[0];
  if (checkout !== undefined) return resolvePath('', path.slice(checkout.length));
  if (path.startsWith('/') || path.startsWith('~') || path.includes('$') || path.includes('\ue000'))
    return null;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path) || /^[a-z]:[\\/]/i.test(path) || path.startsWith('git@'))
    return null;
  if (path === '-') return null;
  return pathFrom(folder, path);
}

/** Whether `path` may be a manifest by its name: a YAML file, and no lock file of a package manager. */
export function isManifestPath(path: string): boolean {
  return isYamlPath(path) && !path.endsWith('pnpm-lock.yaml');
}

/** Whether `path` names a YAML file. */
export function isYamlPath(path: string): boolean {
  return path.endsWith('.yml') || path.endsWith('.yaml');
}
