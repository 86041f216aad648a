import { isIsoDate } from '../domain/ledger-entry.ts';
import { UsageError } from './arguments.ts';

/** The moment that `--as-of` names: the first of a day `YYYY-MM-DD` in UTC, or an instant with its zone; null gives `now`. */
export function readAsOf(text: string | null, now: Date): Date {
  if (text === null) return now;
  if (isIsoDate(text)) return new Date(`${text}T00:00:00Z`);
  const [day = ''] = text.split('T');
  const isInstant = isIsoDate(day) && /^[\d-]+T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/.test(text);
  const time = Date.parse(text);
  if (!isInstant || Number.isNaN(time)) {
    throw new UsageError(`--as-of needs a day (YYYY-MM-DD), not ${JSON.stringify(text)}`);
  }
  return new Date(time);
}
