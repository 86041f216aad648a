import type { Finding } from '../assess/scan.ts';
import type { UrgentRules } from './rules.ts';

export type Urgency = {
  readonly urgent: boolean;
  /** What makes it urgent, the findings fixed. */
  readonly because: readonly Finding[];
  /** The label of the pull request; null where it is not urgent. */
  readonly label: string | null;
};

/**
 * Whether a rotation goes into the urgent lane: it fixes a finding of a listed severity, or a listed (known-exploited)
 * id or alias. Such a pass runs at once whatever the schedule, first in the queue, labelled. Pure.
 */
export function judgeUrgency(fixed: readonly Finding[], rules: UrgentRules): Urgency {
  const listed = new Set(rules.ids.map((id) => id.toLowerCase()));
  const because = fixed.filter(
    (finding) =>
      rules.severities.includes(finding.severity) ||
      [finding.id, ...finding.aliases].some((id) => listed.has(id.toLowerCase())),
  );
  return { urgent: because.length > 0, because, label: because.length > 0 ? rules.label : null };
}
