import type { Io } from './io.ts';
import { printable } from './text.ts';

/** A line on a terminal that says what is being waited for; silent where stderr is no terminal. */
export type Progress = {
  readonly update: (text: string) => void;
  /** Takes the line away. */
  readonly done: () => void;
};

/** A progress line on `io.stderr`. Shown only after a first wait, so that quick runs print nothing. */
export function startProgress(io: Io): Progress {
  if (!io.progress) return { update: () => undefined, done: () => undefined };
  let shown = false;
  let due: NodeJS.Timeout | null = null;
  let latest = '';
  const draw = () => {
    due = null;
    shown = true;
    io.stderr.write(`\r\u001b[2K${printable(latest).slice(0, io.columns - 1)}`);
  };
  return {
    update(text) {
      latest = text;
      due ??= setTimeout(draw, shown ? 60 : 400).unref();
    },
    done() {
      if (due !== null) clearTimeout(due);
      if (shown) io.stderr.write('\r\u001b[2K');
    },
  };
}
