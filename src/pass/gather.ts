import { imageSettings } from '../config/image-settings.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import type { Failure } from '../domain/errors.ts';
import { matchesImage } from '../domain/image-glob.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import { groupPins, type Pin, pinKey } from '../plan/pins.ts';
import type { Plan } from '../plan/plan.ts';
import type { PinClocks } from '../policy/age.ts';
import { mapPooled } from '../resolve/pool.ts';
import { isNoteworthy } from '../resolve/track/follow-tags.ts';
import { NO_BASELINE, readBaseline } from './baseline.ts';
import { ageOf, Clocks } from './clocks.ts';
import { decisionOf } from './decisions.ts';
import { judgePin } from './judge-pin.ts';
import { followPins, hasNewer, isMoving, type Lead, rulesOf } from './lead.ts';
import { type LedgerRows, ledgerEntries, ledgerRows } from './ledger-rows.ts';
import type { JudgedPin, Pass, PinAnswer } from './pass.ts';
import { planSurvey } from './plan-survey.ts';
import type { PassPorts } from './ports.ts';
import type { PassRequest } from './request.ts';
import { type Survey, surveyTree } from './survey.ts';
import { touchedBy } from './touched.ts';

const AT_ONCE = 8;
const CLOCKS_AT_ONCE = 32;

/**
 * One pass over one tree, the same whoever asks: survey → pins → asked for → followed tags → resolved → clocks → facts →
 * judged → planned. Writes nothing. What fails is among the failures and never stops the rest. Throws only where the tree
 * itself cannot be listed, or its host cannot be asked.
 */
export async function gather(
  ports: PassPorts,
  config: RepositoryConfig,
  request: PassRequest,
): Promise<Pass> {
  const survey = await surveyTree(ports.tree, config);
  const pins = groupPins(survey.sites);
  const { asked, named } = askedFor(pins, config, request);
  const rows = ledgerEntries(survey, pins);
  const rowOf = ledgerRows(rows);
  const isTouched = await touchedBy(request.base, config, pins);
  const { registry, history } = ports;
  const { asOf } = request;
  const clocks = new Clocks({
    registry,
    history,
    rowOf,
    asOf,
    takesLedger: (pin) => request.base === null || !isTouched(pin),
  });
  const leads = await followPins(asked, { registry, rowOf }, config, request);
  const timed = await readClocks(clocks, leads, (lead) => request.look === 'pins' || isMoving(lead));
  const judged = await mapPooled(leads, AT_ONCE, async (lead) => {
    const { pin } = lead;
    const looksAtPins = request.look === 'pins';
    const context = { ports: ports.facts, asOf, looksAtPins, touched: isTouched(pin) };
    return judgePin(lead, timed.get(pin) ?? null, context);
  });
  const dated = await datedForLedger(
    clocks,
    leads,
    judged.map(({ pin }) => pin),
    { survey, rowOf, request },
  );
  const decisions = leads.flatMap((lead, index) => {
    const pin = dated[index];
    return pin === undefined ? [] : [decisionOf(lead, pin, asOf)];
  });
  const isAsked = new Set(asked);
  const kept = pins.flatMap((pin) => (isAsked.has(pin) ? [] : [{ pin }]));
  const plan = planSurvey(survey, { decisions, kept }, isoDate(asOf));
  const baseline = request.look === 'pins' ? await readBaseline(ports.tree, config) : NO_BASELINE;
  return {
    request,
    config,
    survey,
    answers: answersOf(named, dated, plan, config, request, isTouched),
    decisions,
    kept,
    plan: { ...plan, failures: [...survey.failures, ...trackFailures(leads), ...plan.failures] },
    rows,
    baseline: baseline.value,
    gaps: [...baseline.failures, ...judged.flatMap(({ gaps }) => gaps), ...unreadAges(clocks, dated)],
    notes: [...new Set(leads.flatMap(({ tracked }) => (isNoteworthy(tracked) ? tracked.message : [])))],
    historyNotes: clocks.notes(),
  };
}

/** Pins that somebody named (or all), and of those the ones that have a digest or are to get one. */
function askedFor(
  pins: readonly Pin[],
  config: RepositoryConfig,
  request: PassRequest,
): { readonly named: readonly Pin[]; readonly asked: readonly Pin[] } {
  const { only } = request;
  const named = pins.filter(
    (pin) => only.length === 0 || only.some((pattern) => matchesImage(pattern, pin.image)),
  );
  const isWanted = (pin: Pin): boolean =>
    pin.from !== null || (request.pin ?? imageSettings(config, pin.image, isoDate(request.asOf)).pin);
  return { named, asked: named.filter(isWanted) };
}

/** The clocks of each pin: asked for where they are wanted, elsewhere as far as the ledger settles them. */
async function readClocks(
  clocks: Clocks,
  leads: readonly Lead[],
  isWanted: (lead: Lead) => boolean,
): Promise<ReadonlyMap<Pin, PinClocks>> {
  const wanted = new Set(leads.filter(({ pin }) => pin.from !== null).filter(isWanted));
  await clocks.prepare([...wanted].map(({ pin }) => pin));
  const read = await mapPooled(leads, CLOCKS_AT_ONCE, async (lead) => {
    const timed = { pin: lead.pin, age: lead.rules.age };
    const own = wanted.has(lead) ? await clocks.read(timed) : clocks.atHand(timed);
    return [lead.pin, own] as const;
  });
  return new Map(read.flatMap(([pin, own]) => (own === null ? [] : [[pin, own]])));
}

/**
 * The pins with the dates that their ledger rows need: where this pass writes the ledger, rows that nothing settled are
 * looked up too, so that it says what a check says. Once written, they are not asked for again.
 */
async function datedForLedger(
  clocks: Clocks,
  leads: readonly Lead[],
  judged: readonly JudgedPin[],
  {
    survey,
    rowOf,
    request,
  }: { readonly survey: Survey; readonly rowOf: LedgerRows; readonly request: PassRequest },
): Promise<readonly JudgedPin[]> {
  if (survey.ledger === null) return judged;
  const isWritten = judged.some((pin) => pin.judged?.judgement.verdict === 'rotate');
  const isOpen = ({ pin, clocks: known, resolution }: JudgedPin): boolean => {
    if (known !== null || pin.from === null) return false;
    if (rowOf(pin) === null) return isWritten || request.ledger === 'always';
    // A row of a pin without an answer stays as it is.
    return isWritten && resolution?.status !== 'failed';
  };
  const open = new Set(judged.filter(isOpen).map(({ pin }) => pin));
  if (open.size === 0) return judged;
  const read = await readClocks(
    clocks,
    leads.filter(({ pin }) => open.has(pin)),
    () => true,
  );
  return judged.map((pin, index) => {
    const lead = leads[index];
    const own = read.get(pin.pin);
    if (own === undefined || lead === undefined) return pin;
    return { ...pin, clocks: own, age: ageOf(own, hasNewer(lead), pin.rules.age, request.asOf) };
  });
}

/** Look-ups of newer tags that failed, each once. */
function trackFailures(leads: readonly Lead[]): readonly Failure[] {
  const failed = leads.flatMap(({ tracked }) => (tracked.status === 'failed' ? [tracked.failure] : []));
  return [...new Map(failed.map((failure) => [failure.subject, failure])).values()];
}

/** Images that an outage kept from saying how old they are, where their tags were answered and no limit is passed anyway. */
function unreadAges(clocks: Clocks, pins: readonly JudgedPin[]): readonly Failure[] {
  const isOpen = ({ resolution, age }: JudgedPin): boolean =>
    resolution?.status !== 'failed' && age?.basis !== 'published' && age?.limitDays !== null && !isPast(age);
  return pins.filter(isOpen).flatMap(({ pin }) => clocks.unread(pin) ?? []);
}

function isPast(age: JudgedPin['age']): boolean {
  return age?.status === 'expired' || age?.status === 'stagnant';
}

/** The answer on every pin that was named: as planned, or why nothing was looked up. */
function answersOf(
  named: readonly Pin[],
  judged: readonly JudgedPin[],
  plan: Plan,
  config: RepositoryConfig,
  request: PassRequest,
  isTouched: (pin: Pin) => boolean,
): readonly PinAnswer[] {
  const byPin = new Map(judged.map((one) => [one.pin, one]));
  const rotations = new Map(plan.rotations.map((rotation) => [pinKey(rotation), rotation]));
  return named.map((pin) => {
    const one = byPin.get(pin);
    if (one === undefined) return unasked(pin, config, request, isTouched(pin));
    const rotation = rotations.get(pinKey(pin));
    return { ...one, verdict: rotation?.verdict ?? null, reasons: rotation?.reasons ?? [] };
  });
}

/** A reference without a digest that nobody wants one for. */
function unasked(pin: Pin, config: RepositoryConfig, request: PassRequest, touched: boolean): PinAnswer {
  return {
    pin,
    rules: rulesOf(pin.image, config, request),
    toTag: pin.image.tag,
    resolution: null,
    clocks: null,
    age: null,
    judged: null,
    scan: null,
    suggestion: null,
    trust: null,
    findings: null,
    touched,
    verdict: 'current',
    reasons: [
      {
        code: 'pinning-off',
        message: 'it has no digest, and pinning is off; set "pin: true" in the configuration, or pass --pin',
      },
    ],
  };
}
