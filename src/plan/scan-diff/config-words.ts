import type { ConfigChange } from '../../assess/diff/scan-diff.ts';
import { megabytes } from './words.ts';

/** A configuration change as a plain phrase, not yet escaped: `runs as root (was app)`, `new port 8080/tcp`. */
export function describeConfigChange(change: ConfigChange): string {
  const { kind, from, to } = change;
  const key = change.field.slice(kind.length + 1);
  switch (kind) {
    case 'user':
      return `runs as ${user(to)} (was ${user(from)})`;
    case 'ports':
      return to === null ? `port ${key} is gone` : `new port ${key}`;
    case 'volumes':
      return to === null ? `volume ${key} is gone` : `new volume ${key}`;
    case 'env':
      return moved(`variable ${key}`, from, to);
    case 'labels':
      return moved(`label ${key}`, from, to);
    case 'size':
      return `size ${megabytes(Number(from))} → ${megabytes(Number(to))}`;
    case 'layers':
      return `${from ?? '0'} → ${to ?? '0'} layers`;
    case 'shell-present':
      return moved('shell', from, to);
    case 'package-manager':
      return moved('package manager', from, to);
    case 'os-release':
      return `distribution ${from ?? '?'} → ${to ?? '?'}`;
    case 'os-end-of-life':
      return change.matters
        ? `the distribution's support ended on ${to ?? '?'}`
        : moved('end of support', from, to);
    default:
      return moved(kind, from, to);
  }
}

function moved(what: string, from: string | null, to: string | null): string {
  if (from === null) return `${what} added: ${shown(to)}`;
  if (to === null) return `${what} removed (was ${shown(from)})`;
  return `${what} ${shown(from)} → ${shown(to)}`;
}

function shown(value: string | null): string {
  return value === null || value.trim() === '' ? '(empty)' : value;
}

function user(name: string | null): string {
  return name === null || name === '0' ? 'root' : name;
}
