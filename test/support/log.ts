import type { Log } from '../../src/domain/log.ts';

export type LogLine = { readonly level: string; readonly message: string; readonly fields: object };

/** A log that keeps its lines. */
export function keptLog(): Log & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const keep = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields });
  };
  return { lines, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
}
