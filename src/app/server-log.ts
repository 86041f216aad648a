import type { Log } from '../domain/log.ts';

export type Call = (first: object | string, message?: string) => void;

/** A log that speaks as pino does, as far as Probot and its parts call it. */
export type ServerLog = {
  readonly [Level in keyof Log | 'trace' | 'fatal']: Call;
} & { readonly level: string; child(bindings: Readonly<Record<string, unknown>>): ServerLog };
