/** Lets at most `limit` tasks run at a time; the others wait in order. */
export class Limiter {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<Value>(task: () => Promise<Value>): Promise<Value> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await task();
    } finally {
      // The place is handed on, so that nobody who comes later can take it.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** Makes equal calls that overlap one call. */
export class Flights {
  readonly #flights = new Map<string, Promise<unknown>>();

  /** The result of `call`, or of the one under the same key that is under way. A key must always mean one type. */
  share<Value>(key: string, call: () => Promise<Value>): Promise<Value> {
    const flying = this.#flights.get(key);
    if (flying !== undefined) return flying as Promise<Value>;
    const flight = call().finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }
}
