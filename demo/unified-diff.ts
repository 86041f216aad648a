import { createTwoFilesPatch } from 'diff';

/** One changed file as a unified diff. */
export function unifiedDiff(change: {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}): string {
  const { path, before, after } = change;
  const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, {
    context: 1,
  });
  return patch.split('\n').slice(1).join('\n');
}
