import type { FileChange } from '../discover/tree.ts';
import { type IsoDate, isIsoDate } from '../domain/ledger-entry.ts';
import { fingerprintChanges, fingerprintMatter } from '../forge/fingerprint.ts';
import { changesOf } from '../pass/rotate.ts';
import { type BodyInput, type ReportedRotation, renderBody } from '../plan/body/body.ts';
import { formatMarker, type MarkedPin, type Marker, markDigest, markPins } from '../plan/body/marker.ts';
import { renderTitle } from '../plan/body/title.ts';
import type { Rotation } from '../plan/plan.ts';
import type { PublishContext } from './context.ts';
import type { Standing } from './standing.ts';

/** The pull request that a group wants, complete but for the commit's id. */
export type Wish = {
  readonly group: string;
  readonly moves: readonly ReportedRotation[];
  readonly changes: readonly FileChange[];
  readonly title: string;
  readonly day: IsoDate;
  readonly content: string;
  readonly material: string;
  readonly ledger: string | null;
};

/** What the plan wants of a group, in view of what stands there. Pure. */
export function makeWish(
  context: PublishContext,
  group: string,
  rotations: readonly Rotation[],
  standing: Standing,
): Wish {
  const { pass, settings, today, byParts, reportOf } = context;
  const moves = rotations.map((rotation) => ({ rotation, report: reportOf(rotation) }));
  // The ledger names days. A branch that proposes the same digests keeps the day it was first built,
  // else every midnight would rebuild it.
  const digests = (pins: readonly MarkedPin[]): string => pins.map((pin) => pin.to).join();
  const samePins = digests(standing.marker?.pins ?? []) === digests(markPins(rotations));
  const marked = standing.marker?.day ?? '';
  const day = samePins && isIsoDate(marked) ? marked : today;
  const changes = changesOf(pass, { rotations, day, byParts });
  const title = renderTitle(
    rotations,
    moves.map((move) => move.report),
    { ...settings.pullRequests, group },
  );
  const ledgerPath = pass.plan.ledger?.path ?? null;
  const ledger = changes.some((change) => change.path === ledgerPath) ? ledgerPath : null;
  const content = fingerprintChanges(changes);
  const wish: Wish = { group, moves, changes, title, day, content, material: '', ledger };
  const text = renderBody(bodyInput(context, wish, '', null), context.forge.limits.body);
  const material = fingerprintMatter(`${title}\n${text}`, today);
  return { ...wish, material };
}

function bodyInput(context: PublishContext, wish: Wish, marker: string, today: IsoDate | null): BodyInput {
  const { facts, forge, base } = context;
  return {
    moves: wish.moves,
    ledger: wish.ledger,
    today,
    marker,
    fileUrl: (path, line) => forge.links.file(facts, base.branch, { path, line }),
  };
}

function markerOf(context: PublishContext, wish: Wish, head: string): Marker {
  return {
    group: wish.group,
    pins: markPins(wish.moves.map((move) => move.rotation)),
    day: wish.day,
    base: context.base.commit.sha,
    head,
    content: wish.content,
    material: wish.material,
    named: wish.moves.flatMap(({ rotation }) =>
      context.asked.names(rotation) ? [markDigest(rotation.to)] : [],
    ),
    closed: false,
  };
}

/** The whole body, with the marker that names `head`. */
export function bodyOf(context: PublishContext, wish: Wish, head: string): string {
  const marker = formatMarker(markerOf(context, wish, head));
  return renderBody(bodyInput(context, wish, marker, context.today), context.forge.limits.body);
}
