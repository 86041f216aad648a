import type { MadeFacts } from '../domain/published.ts';

const MAX_HISTORY = 1000;

/** `created` and the newest history entry of an image configuration (image-spec, config.md), parsed JSON. Never throws. */
export function madeFacts(config: unknown): MadeFacts {
  const history = fieldOf(config, 'history');
  const entries: readonly unknown[] = Array.isArray(history) ? history.slice(0, MAX_HISTORY) : [];
  return {
    created: textOf(config),
    newestPart: newestTime(entries.flatMap((entry) => textOf(entry) ?? [])),
  };
}

/** The latest of some times; texts that are none do not count. */
export function newestTime(times: readonly string[]): string | null {
  const readable = times.filter((time) => !Number.isNaN(Date.parse(time)));
  return readable.reduce<string | null>(
    (latest, time) => (latest === null || Date.parse(time) > Date.parse(latest) ? time : latest),
    null,
  );
}

function textOf(data: unknown): string | null {
  const value = fieldOf(data, 'created');
  return typeof value === 'string' && value !== '' ? value : null;
}

function fieldOf(data: unknown, key: string): unknown {
  if (typeof data !== 'object' || data === null) return null;
  return Object.getOwnPropertyDescriptor(data, key)?.value;
}
