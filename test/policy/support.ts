import type { Finding, Severity } from '../../src/assess/scan.ts';
import { defaultPolicy } from '../../src/config/schema/policy.ts';
import { type Digest, toDigest } from '../../src/domain/digest.ts';
import { type IsoDate, isIsoDate } from '../../src/domain/ledger-entry.ts';
import type { AgeRules, ImageRules } from '../../src/policy/rules.ts';
import { imageRules } from '../../src/policy/stages.ts';

export const IMAGE = { registry: 'docker.io', repository: 'library/python', tag: '3.11' } as const;
export const OLD: Digest = toDigest(`sha256:${'a'.repeat(64)}`);
export const NEW: Digest = toDigest(`sha256:${'b'.repeat(64)}`);
export const MIDDLE: Digest = toDigest(`sha256:${'c'.repeat(64)}`);

/** All defaults, for {@link IMAGE}. */
export const RULES: ImageRules = imageRules(IMAGE, {
  settings: defaultPolicy(),
  organisation: null,
  override: null,
});
export const AGE_RULES: AgeRules = RULES.age;

/** A day, checked. */
export function day(text: string | null): IsoDate | null {
  if (text === null || isIsoDate(text)) return text;
  throw new RangeError(`no day: ${text}`);
}

/** A finding of a severity; everything else has a default. */
export function finding(severity: Severity, id = `CVE-${severity}`, rest: Partial<Finding> = {}): Finding {
  return {
    id,
    aliases: [],
    package: 'openssl',
    purl: 'pkg:deb/debian/openssl',
    location: null,
    installed: '1',
    fixedIn: '2',
    severity,
    severitySource: 'debian',
    title: '',
    url: null,
    ...rest,
  };
}
