import { GITHUB_RULES } from '../../../src/adapters/github/rules.ts';
import { pinCheckRequest } from '../../../src/checks/pin-check.ts';
import { checkJson } from '../../../src/cli/check.ts';
import { rotationJson } from '../../../src/cli/json.ts';
import { isoDate } from '../../../src/domain/ledger-entry.ts';
import { renderDashboard } from '../../../src/issues/dashboard.ts';
import { checkView } from '../../../src/pass/check.ts';
import { explanationOf } from '../../../src/pass/explain.ts';
import type { Pass } from '../../../src/pass/pass.ts';
import { answerOf } from '../../../src/pass/rotate.ts';
import { renderMoves } from '../../../src/plan/body/body.ts';
import { splitRow } from '../../../src/plan/ledger/cells.ts';
import { sayAge } from '../../../src/policy/explain.ts';
import { reportOf } from '../../../src/pull-requests/report.ts';
import { NOW } from './world.ts';

/** What a view says of one pin; undefined: nothing about that. Null: that nobody looked, or nothing is known. */
export type Said = {
  readonly status?: string | null;
  readonly days?: number | null;
  /** `published 2026-10-11` */
  readonly since?: string | null;
  readonly limit?: number | null;
  readonly verdict?: string | null;
  readonly code?: string | null;
};

/** The pin a view is asked about. */
export type Asked = { readonly tag: string; readonly digest: string | null };

const SHOWN_DIGITS = 8;

type AgeFields = {
  readonly status: string | null;
  readonly basis: string | null;
  readonly since: string | null;
  readonly ageDays: number | null;
  readonly limitDays: number | null;
};

function saidOf(fields: AgeFields, verdict: string | null, code: string | undefined): Said {
  const since = fields.basis === null ? null : `${fields.basis.replace('-', ' ')} ${fields.since}`;
  const { status, ageDays: days, limitDays: limit } = fields;
  return { status, days, since, limit, verdict, code: code ?? null };
}

/** `pinwheel rotate --json`. */
export function rotateSays(pass: Pass, pin: Asked): Said | null {
  const one = pass.plan.rotations.find(({ image, from }) => image.tag === pin.tag && from === pin.digest);
  if (one === undefined) return null;
  const json = rotationJson(one, answerOf(pass, one)?.age ?? null);
  return saidOf(json, json.verdict, json.reasons[0]?.code);
}

/** `pinwheel check --json`. */
export function checkSays(pass: Pass, pin: Asked): Said | null {
  const { pins } = checkJson(checkView(pass, { ledger: false, alive: new Map() }));
  const one = pins.find(({ image, digest }) => image.endsWith(`:${pin.tag}`) && digest === pin.digest);
  return one === undefined ? null : saidOf(one, one.verdict, one.reasons[0]?.code);
}

/** `pinwheel policy explain`: the age is one sentence there, whose words the check's age has too. */
export function explainSays(
  pass: Pass,
  pin: Asked,
): (Said & { readonly title: string; readonly age: string | null }) | null {
  const answer = pass.answers.find(
    (one) => one.pin.image.tag === pin.tag && one.pin.from === pin.digest && one.verdict !== null,
  );
  if (answer === undefined) return null;
  const { title, verdict: lines } = explanationOf(answer);
  const age = lines.find(({ label }) => label === 'age')?.text ?? null;
  const at = age === null ? 1 : 2;
  return { title, age, verdict: lines[0]?.text ?? null, code: lines[at]?.label ?? null };
}

export function ageSentence(pass: Pass, pin: Asked): string | null {
  const answer = pass.answers.find((one) => one.pin.image.tag === pin.tag && one.pin.from === pin.digest);
  return answer === undefined || answer.judged === null ? null : sayAge(answer.age);
}

/** The ledger's row of the digest, as the pass would write it. */
export function ledgerSays(pass: Pass, pin: Asked): { status: string; stopped: string | null } | null {
  const row = pass.plan.ledger?.entries.find(
    ({ image, digest }) => image.tag === pin.tag && digest === pin.digest,
  );
  return row === undefined ? null : { status: row.status, stopped: row.stopped };
}

/** The age cell of a pull request's table. */
export function pullRequestSays(pass: Pass, pin: Asked): string | null {
  const moves = pass.plan.rotations
    .filter(({ image, from }) => image.tag === pin.tag && from === pin.digest)
    .map((rotation) => ({ rotation, report: reportOf(pass, rotation) }));
  const [head = '', , row = ''] = renderMoves(moves, isoDate(NOW)).split('\n');
  const column = splitRow(head).indexOf('age');
  return column < 0 ? null : (splitRow(row)[column] ?? null);
}

/** A row of the dashboard's table of pins. */
export function dashboardSays(pass: Pass, pin: Asked): Said | null {
  const body = renderDashboard(
    { plan: pass.plan, answers: pass.answers, notes: pass.notes, outcomes: [], troubles: [] },
    GITHUB_RULES,
  );
  const row = tableRowOf(body, pin);
  if (row === null) return null;
  const [, , status = '', since = '', rotation = ''] = row;
  const limit = /\(limit (\d+) days\)$/.exec(since)?.[1];
  return {
    status: status === '—' ? null : status,
    since: since === '—' || since.startsWith('unknown') ? null : since.replace(/ \(limit \d+ days\)$/, ''),
    limit: limit === undefined ? null : Number(limit),
    ...rotationCell(rotation),
  };
}

/** A row of the check run's table of pins. */
export function checkRunSays(pass: Pass, pin: Asked): Said | null {
  const result = checkView(pass, { ledger: false, alive: new Map() });
  const { text } = pinCheckRequest('f'.repeat(40), result, GITHUB_RULES.limits);
  const row = tableRowOf(text, pin);
  if (row === null) return null;
  const [, , status = '', since = '', limit = '', , rotation = ''] = row;
  return {
    status,
    since: since === 'unknown' || since === '' ? null : since,
    limit: limit === 'none' || limit === '' ? null : Number(limit),
    ...rotationCell(rotation),
  };
}

function rotationCell(cell: string): Said {
  const match = /^(\w+) \((.*)\)$/.exec(cell);
  return match === null
    ? { verdict: null, code: null }
    : { verdict: match[1] ?? null, code: match[2] ?? null };
}

function tableRowOf(text: string, pin: Asked): readonly string[] | null {
  const short = pin.digest?.slice('sha256:'.length, 'sha256:'.length + SHOWN_DIGITS);
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  const cells = rows
    .map(splitRow)
    .find(
      ([image, digest = '']) =>
        image === `\`python:${pin.tag}\`` &&
        (short === undefined ? digest === 'none' || digest === '' : digest.includes(short)),
    );
  return cells ?? null;
}
