/**
 * Runs `task` for every item, at most `limit` at once, started in order. Resolves when all are done; rejects with the
 * first rejection, after which no further item is started.
 */
export async function pooled<Item>(
  items: readonly Item[],
  limit: number,
  task: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await task(item);
  };
  const workers = Math.max(1, Math.min(Math.floor(limit) || 1, items.length));
  await Promise.all(Array.from({ length: workers }, worker));
}

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
