import { EMPTY_REPORT, type RotationReport } from '../plan/body/report.ts';
import { pinKey } from '../plan/pins.ts';
import type { Rotation } from '../plan/plan.ts';
import type { ReasonCode } from '../policy/verdict.ts';
import { escapeMarkdown } from '../report/markdown.ts';
import type { Replannable } from './narrow.ts';

// What the table says already.
const PLAIN: ReadonlySet<ReasonCode> = new Set([
  'newer-digest',
  'first-pin',
  'newer-tag',
  'up-to-date',
  'index-churn',
]);

/** What the plan itself knows of a rotation: the dates of its decision and ledger row, and policy's reasons. Pure. */
export function defaultReport(pass: Replannable, rotation: Rotation): RotationReport {
  const key = pinKey(rotation);
  const decision = pass.decisions.find((one) => pinKey(one.pin) === key);
  const row = pass.survey.ledger?.entries.find(
    (entry) => pinKey({ image: entry.image, from: entry.digest }) === key,
  );
  return {
    ...EMPTY_REPORT,
    pinnedOn: decision?.pinnedOn ?? row?.pinnedOn ?? null,
    published: decision?.published ?? null,
    firstSeen: decision?.firstSeen ?? null,
    verdicts: rotation.reasons
      .filter((reason) => !PLAIN.has(reason.code))
      .map((reason) => escapeMarkdown(reason.message, 300)),
  };
}
