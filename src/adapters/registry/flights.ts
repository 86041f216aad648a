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
