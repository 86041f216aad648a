import { pooled } from '../resolve/pool.ts';

/** Runs a task for each item, at most `limit` at once, and gives the results in the order of the items. */
export async function mapPooled<Item, Value>(
  items: readonly Item[],
  limit: number,
  task: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  await pooled([...items.entries()], limit, async ([index, item]) => {
    values[index] = await task(item);
  });
  return values;
}
