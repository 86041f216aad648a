/** The answer's `retry-after` in milliseconds from now: seconds, an HTTP date, or (as Docker Hub has it) a Unix time. */
export function retryAfterMs(header: string | readonly string[] | undefined, now: number): number | null {
  const text = (Array.isArray(header) ? header[0] : header)?.toString().trim() ?? '';
  if (text === '') return null;
  if (/^\d{1,15}(\.\d{1,9})?$/.test(text)) {
    const seconds = Number(text);
    return seconds > 1_000_000_000 ? Math.max(0, seconds * 1000 - now) : seconds * 1000;
  }
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Exponential back-off with jitter: between half of it and all of `base * 2^attempt`, at most `cap`. All in ms. */
export function backoffMs(attempt: number, base: number, cap: number, random: () => number): number {
  const whole = Math.min(cap, base * 2 ** attempt);
  return whole / 2 + (whole / 2) * random();
}
