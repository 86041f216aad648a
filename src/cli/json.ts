import type { Failure } from '../domain/errors.ts';
import { canonicalName, parseImageReference } from '../domain/image-reference.ts';
import type { Site } from '../domain/site.ts';
import type { Rotation } from '../plan/plan.ts';
import type { AgeAssessment } from '../policy/age.ts';

/** A site as `--json` shows it: the stable, documented shape. */
export function siteJson(site: Site) {
  return {
    file: site.file,
    line: site.line,
    column: site.column,
    format: site.format,
    kind: site.kind,
    name: site.name,
    text: site.text,
    start: site.start,
    end: site.end,
    image: {
      registry: site.image.registry,
      repository: site.image.repository,
      // The tag it follows: its own, or the one that configuration, ledger or a comment names for a bare digest.
      tag: site.image.tag ?? site.tagHint?.image.tag ?? null,
      digest: site.image.digest,
    },
    skip: site.skip === null ? null : { reason: site.skip.reason, detail: site.skip.detail },
    ...(site.pin === null ? {} : { pin: site.pin }),
  };
}

/** What failed of an image, as `--json` shows it: `image` is its canonical name. */
export function imageFailureJson({ subject, code, message, temporary }: Failure) {
  const parsed = parseImageReference(subject);
  const image = parsed.ok ? canonicalName(parsed.value) : subject;
  return { image, tag: parsed.ok ? parsed.value.tag : null, file: null, code, message, temporary };
}

/** What failed of a file, or as a whole (no subject), as `--json` shows it. */
export function fileFailureJson({ subject, code, message, temporary }: Failure) {
  return { image: null, tag: null, file: subject === '' ? null : subject, code, message, temporary };
}

/** How a pin stands, in the same fields wherever a document shows it; null where it was not looked up, or nothing is pinned. */
export function ageJson(age: AgeAssessment | null) {
  return {
    status: age?.status ?? null,
    basis: age?.basis ?? null,
    since: age?.since ?? null,
    ageDays: age?.ageDays ?? null,
    limitDays: age?.limitDays ?? null,
  };
}

/** A rotation as `--json` shows it, and how the digest that is pinned stands. */
export function rotationJson(rotation: Rotation, age: AgeAssessment | null) {
  return {
    image: rotation.image,
    ...(rotation.toTag === rotation.image.tag ? {} : { toTag: rotation.toTag }),
    from: rotation.from,
    to: rotation.to,
    verdict: rotation.verdict,
    reasons: rotation.reasons,
    ...ageJson(age),
    sites: rotation.sites.map(siteJson),
  };
}
