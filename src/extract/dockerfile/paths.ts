/** Endings that `Dockerfile.*` takes in and that are something else: ignore files, documents, diffs, editors' copies. */
const NOT_DOCKERFILES = [
  '.dockerignore',
  '.containerignore',
  '.md',
  '.rst',
  '.adoc',
  '.html',
  '.json',
  '.yml',
  '.yaml',
  '.patch',
  '.diff',
  '.orig',
  '.rej',
  '.swp',
  '.snap',
] as const;

/**
 * Endings of programs: `dockerfile.go`, all in lower case, is one that handles Dockerfiles; `Dockerfile.go` is one for Go.
 */
const PROGRAMS = [
  '.c',
  '.cpp',
  '.cs',
  '.go',
  '.h',
  '.java',
  '.js',
  '.kt',
  '.lua',
  '.php',
  '.py',
  '.rb',
  '.rs',
  '.scala',
  '.swift',
  '.ts',
  '.tsx',
  '.vim',
] as const;

/**
 * Whether a path's file name is `Dockerfile`, `Dockerfile.*`, `*.Dockerfile`, `Containerfile*` or `*.Containerfile`, in
 * any case, in any folder, and not an ignore file, a document, an editor's copy or a program; or `Dockerfile-*`.
 */
export function isDockerfilePath(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.length < 10) return false;
  const lower = name.toLowerCase();
  const matches =
    lower.startsWith('containerfile') ||
    lower.endsWith('.dockerfile') ||
    lower.endsWith('.containerfile') ||
    lower === 'dockerfile' ||
    lower.startsWith('dockerfile.') ||
    isDashed(name);
  if (!matches || lower.endsWith('~') || NOT_DOCKERFILES.some((ending) => lower.endsWith(ending)))
    return false;
  return name !== lower || !PROGRAMS.some((ending) => name.endsWith(ending));
}

/** `Dockerfile-alpine3.22`, `Dockerfile_dev`, spelled like that: `dockerfile-lint.sh` and notes are something else. */
function isDashed(name: string): boolean {
  if (!name.startsWith('Dockerfile-') && !name.startsWith('Dockerfile_')) return false;
  return !name.endsWith('.txt') && !name.endsWith('.sh');
}
