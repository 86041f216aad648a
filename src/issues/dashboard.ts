import { shortDigest } from '../domain/digest.ts';
import { familiarName, tagKey } from '../domain/image-reference.ts';
import { compareText } from '../domain/text.ts';
import { fingerprintText } from '../forge/fingerprint.ts';
import type { Forge } from '../forge/forge.ts';
import { isSameText } from '../forge/own-comments.ts';
import type { ForgeLinks, ForgeRules } from '../forge/rules.ts';
import type { Issue } from '../forge/types.ts';
import type { PinAnswer } from '../pass/pass.ts';
import { mayBeReleased } from '../pass/rotate.ts';
import { describeMove } from '../plan/body/title.ts';
import type { Plan, Rotation } from '../plan/plan.ts';
import { saySince } from '../policy/age.ts';
import type { GroupOutcome } from '../pull-requests/outcome.ts';
import {
  codeSpan,
  escapeMarkdown,
  fitSections,
  type Section,
  tableHead,
  tableRow,
} from '../report/markdown.ts';

const MARK = '<!-- pinwheel:dashboard -->';
const START = '<!-- pinwheel:start:';
// For the blank lines between the parts, and the line that says how much was left out.
const ROOM = 536;

export type DashboardInput = {
  readonly plan: Plan;
  readonly outcomes: readonly GroupOutcome[];
  /** Of every pin that was looked at, on all base branches. */
  readonly answers: readonly PinAnswer[];
  /** Tags that cannot move, patterns that match nothing: one line of plain text each. */
  readonly notes: readonly string[];
  /** Passes that were given up, and the like: one line of plain text each. */
  readonly troubles: readonly string[];
};

export type DashboardSettings = {
  readonly enabled: boolean;
  readonly title: string;
  readonly labels: readonly string[];
};

/** The dashboard among our open issues; null where there is none. */
export function findDashboard(issues: readonly Issue[]): Issue | null {
  return issues.find((issue) => !issue.isPullRequest && issue.body.includes(MARK)) ?? null;
}

/** Keys ({@link startKey}) of the boxes that someone ticked. */
export function tickedStarts(body: string): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const line of body.split('\n')) {
    const at = line.indexOf(START);
    if (at < 0 || !/^\s*[-*] \[[xX]\]/.test(line)) continue;
    const key = /^[0-9a-f]{16}/.exec(line.slice(at + START.length))?.[0];
    if (key !== undefined) keys.add(key);
  }
  return keys;
}

/** What a box on the dashboard stands for: one image and tag. */
export function startKey(rotation: Pick<Rotation, 'image'>): string {
  return fingerprintText(tagKey(rotation.image));
}

/** The dashboard's text: what is open, waits, was declined, is held or blocked, failed; then every pin, folded. */
export function renderDashboard(input: DashboardInput, forge: Pick<ForgeRules, 'limits' | 'links'>): string {
  const { plan, outcomes, troubles, notes } = input;
  const standing = (verdict: Rotation['verdict']): readonly Rotation[] =>
    plan.rotations.filter((rotation) => rotation.verdict === verdict);
  const sections: Section[] = [
    list('Open pull requests', openRows(outcomes, forge.links), ''),
    list('Waiting', waitingRows(outcomes), 'Tick a box to open it now.'),
    list('Closed without merging', declinedRows(outcomes), 'Tick a box to propose the same digest again.'),
    list(
      'Held',
      standing('hold').map(standingRow),
      `Tick a box to rotate without waiting; ${codeSpan('/rotate unhold IMAGE')} ends a hold set in the settings.`,
    ),
    list('Blocked', standing('block').map(standingRow), ''),
    list(
      'Failed',
      [
        ...plan.failures.map((one) => `- ${codeSpan(one.subject)}: ${escapeMarkdown(one.message, 300)}`),
        ...outcomes
          .filter((one) => one.status === 'failed' || one.status === 'occupied')
          .map((one) => `- group ${codeSpan(one.group)}: ${escapeMarkdown(one.detail ?? 'failed', 300)}`),
        ...troubles.map((line) => `- ${escapeMarkdown(line, 300)}`),
      ],
      '',
    ),
    list(
      'Notes',
      notes.map((note) => `- ${escapeMarkdown(note, 300)}`),
      '',
    ),
    pinsSection(input.answers),
  ].filter((section) => section.rows.length > 0);
  const quiet = sections.length - Math.min(1, notes.length) <= 1 ? 'Every pin is current.' : '';
  const intro = `Pinwheel keeps the base-image digests of this repository fresh. ${quiet}`.trim();
  const help = `${codeSpan('/rotate all')} in a comment starts a pass; ${codeSpan('/rotate help')} lists every command.`;
  const frame = intro.length + help.length + MARK.length;
  return [intro, fitSections(sections, forge.limits.body - ROOM - frame), help, MARK]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Brings the dashboard issue up to date: nothing where it says the same already; none is made for a repository without pins. */
export async function syncDashboard(
  forge: Forge,
  existing: Issue | null,
  settings: DashboardSettings,
  input: DashboardInput,
): Promise<void> {
  if (!settings.enabled) {
    if (existing !== null) await forge.updateIssue(existing.number, { state: 'closed' });
    return;
  }
  const body = renderDashboard(input, forge);
  if (existing === null) {
    const worthIt = input.plan.rotations.length + input.plan.failures.length + input.troubles.length > 0;
    if (worthIt) await forge.openIssue({ title: settings.title, body, labels: settings.labels });
    return;
  }
  if (isSameText(existing.body, body) && existing.title === settings.title) return;
  await forge.updateIssue(existing.number, {
    body,
    ...(existing.title === settings.title ? {} : { title: settings.title }),
  });
}

function openRows(outcomes: readonly GroupOutcome[], links: ForgeLinks): readonly string[] {
  return outcomes.flatMap((one) => {
    if (one.number === null || one.status === 'closed' || one.status === 'failed') return [];
    const state = one.status === 'left-alone' ? ` — skipped: ${one.detail}` : '';
    return [`- ${links.pullRequest(one.number)} ${one.rotations.map(moveText).join(', ')}${state}`];
  });
}

function waitingRows(outcomes: readonly GroupOutcome[]): readonly string[] {
  return outcomes
    .filter((one) => one.status === 'waiting')
    .flatMap((one) => one.rotations.map((rotation) => `${box(rotation)} — ${one.detail}`));
}

function declinedRows(outcomes: readonly GroupOutcome[]): readonly string[] {
  return outcomes.filter((one) => one.status === 'declined').flatMap((one) => one.rotations.map(box));
}

function standingRow(rotation: Rotation): string {
  const why = rotation.reasons.map((reason) => escapeMarkdown(reason.message, 300)).join('; ');
  const what = mayBeReleased(rotation) ? box(rotation) : `- ${moveText(rotation)}`;
  return why === '' ? what : `${what} — ${why}`;
}

function box(rotation: Rotation): string {
  return `- [ ] ${START}${startKey(rotation)} -->${moveText(rotation)}`;
}

function moveText(rotation: Rotation): string {
  return codeSpan(describeMove(rotation));
}

const PIN_HEADERS = ['image', 'digest', 'status', 'since', 'rotation', 'used in'] as const;
const PLACES_SHOWN = 5;

/** Every pin as the check words it. Days since are left out: they would have the issue written again every day. */
function pinsSection(answers: readonly PinAnswer[]): Section {
  const rows = answers.map(pinRow).sort(compareText);
  const summary = `<details><summary>${rows.length} ${rows.length === 1 ? 'pin' : 'pins'}</summary>\n`;
  return { head: [summary, ...tableHead([...PIN_HEADERS])].join('\n'), rows, foot: '\n</details>' };
}

function pinRow({ pin, age, verdict, reasons }: PinAnswer): string {
  const places = pin.sites.map((site) => `${site.file}:${site.line}`).sort(compareText);
  const shown = places.slice(0, PLACES_SHOWN).map((place) => codeSpan(place));
  if (places.length > shown.length) shown.push(`${places.length - shown.length} more`);
  const limit = age === null || age.limitDays === null ? '' : ` (limit ${age.limitDays} days)`;
  return tableRow(
    [
      codeSpan(`${familiarName(pin.image)}:${pin.image.tag}`),
      pin.from === null ? 'none' : codeSpan(shortDigest(pin.from)),
      pin.from === null ? 'unpinned' : (age?.status ?? '—'),
      age === null ? '—' : `${saySince(age)}${limit}`,
      verdict === null ? 'unknown' : `${verdict} (${reasons[0]?.code ?? ''})`,
      shown.join(' '),
    ],
    PIN_HEADERS.length,
  );
}

function list(title: string, rows: readonly string[], hint: string): Section {
  return { head: `### ${title}\n${hint === '' ? '' : `\n${hint}\n`}`, rows, foot: '' };
}
