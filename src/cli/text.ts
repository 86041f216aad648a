/** Colour for a terminal: each function returns its text unchanged where colour is off. */
export type Paint = {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
};

/** The painter for a stream that wants colour or not. */
export function paint(color: boolean): Paint {
  const code = (open: number, close: number) => (text: string) =>
    color ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: code(1, 22),
    dim: code(2, 22),
    red: code(31, 39),
    green: code(32, 39),
    yellow: code(33, 39),
    cyan: code(36, 39),
  };
}

/**
 * Text from a stranger's file made safe for a terminal: control and bidirectional characters become visible escapes,
 * so that no file name or reference can move the cursor or hide itself.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** One cell: what is shown, and how it is painted after it was padded. */
export type Cell = { readonly text: string; readonly paint?: (text: string) => string };

/** What is longer than this sticks out of its column: one long path must not push everything else aside. */
const MAX_COLUMN = 56;

/** A table in columns two blanks apart, the last one unpadded. Cells are made printable. */
export function columns(rows: readonly (readonly Cell[])[]): string {
  const widths: number[] = [];
  const shown = rows.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })));
  for (const row of shown) {
    for (const [i, { text }] of row.entries()) {
      if (text.length <= MAX_COLUMN) widths[i] = Math.max(widths[i] ?? 0, text.length);
    }
  }
  return shown
    .map((row) =>
      row
        .map((cell, i) => {
          const padding =
            i === row.length - 1 ? '' : ' '.repeat(Math.max(0, (widths[i] ?? 0) - cell.text.length));
          return (cell.paint?.(cell.text) ?? cell.text) + padding;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `1 place`, `2 places`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${n} ${n === 1 ? singular : plural}`;
}

/** The text in lines of at most `width` characters, broken at blanks; a longer word stands alone. */
export function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(/\s+/)) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, current].join('\n');
}
