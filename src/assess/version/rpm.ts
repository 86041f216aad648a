import { compareNumbers } from './debian.ts';

/**
 * Compares two RPM versions `[epoch:]version[-release]` (rpm-version(7)): segments of digits and letters, `~` before and
 * `^` after the end. Negative: `a` is older. Linear.
 */
export function compareRpm(a: string, b: string): number {
  const [x, y] = [splitRpm(a), splitRpm(b)];
  return (
    compareNumbers(x.epoch, y.epoch) ||
    compareSegments(x.version, y.version) ||
    compareSegments(x.release, y.release)
  );
}

/** Epoch (`0` where none is written), version and release. */
export function splitRpm(text: string): {
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
} {
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon < 0 ? '0' : text.slice(0, colon),
    version: dash < 0 ? rest : rest.slice(0, dash),
    release: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

function compareSegments(a: string, b: string): number {
  const [x, y] = [segments(a), segments(b)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [one, other] = [x[i], y[i]];
    if (one === other) continue;
    if (one === '~' || other === '~') return one === '~' ? -1 : 1;
    if (one === '^' || other === '^') {
      // A caret is newer than the end, and older than any further segment.
      if (one === '^') return other === undefined ? 1 : -1;
      return one === undefined ? -1 : 1;
    }
    if (one === undefined) return -1;
    if (other === undefined) return 1;
    const [oneIsNumber, otherIsNumber] = [isNumber(one), isNumber(other)];
    if (oneIsNumber !== otherIsNumber) return oneIsNumber ? 1 : -1;
    const difference = oneIsNumber ? compareNumbers(one, other) : one < other ? -1 : 1;
    if (difference !== 0) return difference;
  }
  return 0;
}

function segments(text: string): readonly string[] {
  return text.match(/\d+|[A-Za-z]+|[~^]/g) ?? [];
}

function isNumber(segment: string): boolean {
  return /^\d/.test(segment);
}
