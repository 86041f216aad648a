import type { Writable } from 'node:stream';
import type { Call, ServerLog } from '../app/server-log.ts';
import type { LogLevel } from '../config/environment.ts';

type Fields = Readonly<Record<string, unknown>>;

const RANK: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50, silent: 100 };
const MAX_VALUE = 2000;

export type LogOptions = {
  readonly stream: Writable;
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  readonly now: () => Date;
};

/**
 * One line an entry: JSON for machines, text for people. Errors are shown by name, code and message, with the stack at
 * level debug; whatever else hangs on them (requests, payloads, headers) is left out. Line breaks are escaped.
 */
export function createLog(options: LogOptions, bindings: Fields = {}): ServerLog {
  const at = (level: Exclude<LogLevel, 'silent'>, shown: string = level): Call => {
    if (RANK[level] < RANK[options.level]) return () => {};
    return (first, message) => {
      const fields = typeof first === 'string' ? {} : first instanceof Error ? { err: first } : { ...first };
      const text =
        typeof first === 'string' ? first : (message ?? (first instanceof Error ? first.message : ''));
      options.stream.write(`${line(options, shown, text, { ...bindings, ...fields })}\n`);
    };
  };
  return {
    level: options.level,
    trace: () => {},
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('error', 'fatal'),
    child: (more) => createLog(options, { ...bindings, ...more }),
  };
}

function line(options: LogOptions, level: string, message: string, fields: Fields): string {
  const time = options.now().toISOString();
  const shown = Object.entries(fields).map(
    ([name, value]) => [name, plain(value, options.level === 'debug')] as const,
  );
  if (options.format === 'json') {
    return JSON.stringify({ time, level, msg: message, ...Object.fromEntries(shown) });
  }
  const rest = shown.map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`,
  );
  return `${time} ${level.padEnd(5)} ${oneLine(message)}${rest.join('')}`;
}

function plain(value: unknown, withStack: boolean): unknown {
  if (value instanceof Error) {
    const code = 'code' in value && typeof value.code === 'string' ? { code: value.code } : {};
    const stack = withStack ? { stack: value.stack } : {};
    const inner =
      value instanceof AggregateError ? { errors: value.errors.map((one) => plain(one, withStack)) } : {};
    return { name: value.name, ...code, message: value.message.slice(0, MAX_VALUE), ...inner, ...stack };
  }
  if (typeof value === 'string') return value.slice(0, MAX_VALUE);
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return value;
  const text = JSON.stringify(value) ?? '';
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : value;
}

function quoted(text: string): string {
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
}

function oneLine(text: string): string {
  return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}
