import { messageOf, PinwheelError } from '../domain/errors.ts';
import type { Io } from './io.ts';
import { paint, printable } from './text.ts';

/** One line for a known error; the stack too where `PINWHEEL_DEBUG` is set or the error is not one of ours. */
export function describeThrown(thrown: unknown, io: Io): string {
  const { red, dim } = paint(io.color);
  const message = messageOf(thrown);
  const lines = [`${red('error')}: ${message.split('\n').map(printable).join('\n')}`];
  const isOurs = thrown instanceof PinwheelError;
  if ((!isOurs || io.env['PINWHEEL_DEBUG']) && thrown instanceof Error && thrown.stack) {
    lines.push(dim(thrown.stack.split('\n').slice(1).join('\n')));
  }
  return `${lines.join('\n')}\n`;
}
