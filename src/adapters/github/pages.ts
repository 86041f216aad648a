import { isGitHubError } from './errors.ts';

/** What GitHub gives at most at once. */
export const PAGE = 100;

type Page<Item> = { readonly data: readonly Item[] };

/** All pages of a list, up to the `most`th. */
export async function pages<Item>(most: number, ask: (page: number) => Promise<Page<Item>>): Promise<Item[]> {
  const all: Item[] = [];
  for (let page = 1; page <= most; page++) {
    const { data } = await ask(page);
    all.push(...data);
    if (data.length < PAGE) break;
  }
  return all;
}

/** The answer; null where it is one of the refusals that mean "not there". */
export async function unlessMissing<Value>(
  ask: () => Promise<Value>,
  codes: readonly ('not-found' | 'conflict' | 'unprocessable')[] = ['not-found'],
): Promise<Value | null> {
  try {
    return await ask();
  } catch (error) {
    if (isGitHubError(error, ...codes)) return null;
    throw error;
  }
}
