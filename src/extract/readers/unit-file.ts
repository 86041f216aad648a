import { type MappedText, MappedTextBuilder } from './mapped-text.ts';

/** One `Key=value` of a systemd unit file, in its section. */
export type UnitSetting = {
  readonly section: string;
  readonly key: string;
  readonly value: MappedText;
  /** Offset of the key. */
  readonly start: number;
};

/**
 * Reads a file in systemd's syntax (systemd.syntax(7)): sections, `Key=value`, comments by `#` and `;`, lines carried on by
 * a backslash. Pure, linear, never throws.
 */
export function readUnitFile(text: string): readonly UnitSetting[] {
  const settings: UnitSetting[] = [];
  let section = '';
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; ) {
    const end = lineEnd(text, at);
    const start = firstOfLine(text, at, end);
    const c = text[start];
    if (start === end || c === '#' || c === ';') {
      at = end + 1;
    } else if (c === '[') {
      const close = text.indexOf(']', start);
      if (close > 0 && close < end) section = text.slice(start + 1, close);
      at = end + 1;
    } else {
      const equals = text.indexOf('=', start);
      if (equals < 0) break;
      const { value, next } = readValue(text, Math.min(equals + 1, end));
      if (equals < end) settings.push({ section, key: text.slice(start, equals).trim(), value, start });
      at = next;
    }
  }
  return settings;
}

/** The value from an offset to the end of its logical line; comment lines within are left out. */
function readValue(text: string, from: number): { value: MappedText; next: number } {
  const builder = new MappedTextBuilder();
  let at = from;
  for (;;) {
    const end = lineEnd(text, at);
    const start = firstOfLine(text, at, end);
    const isComment = at !== from && (text[start] === '#' || text[start] === ';');
    let last = end;
    while (last > start && ' \t\r'.includes(text[last - 1] ?? '')) last--;
    const carriesOn = isComment || (last > start && text[last - 1] === '\\');
    if (!isComment) builder.copy(text.slice(start, carriesOn ? last - 1 : last), start);
    at = end + 1;
    if (!carriesOn || at >= text.length) return { value: builder.build(), next: at };
    if (!isComment) builder.add(' ');
  }
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function firstOfLine(text: string, at: number, end: number): number {
  let start = at;
  while (start < end && ' \t\r'.includes(text[start] ?? '')) start++;
  return start;
}
