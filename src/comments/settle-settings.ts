import { parseImagePattern } from '../domain/image-glob.ts';
import { canonicalName, familiarName } from '../domain/image-reference.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import type { CommandImage } from '../domain/rotate-command.ts';
import { DAY_MS } from '../domain/time.ts';
import type { Forge } from '../forge/forge.ts';
import type { Commit } from '../forge/types.ts';
import { markDigest, readMarker } from '../plan/body/marker.ts';
import type { Plan } from '../plan/plan.ts';
import { type SettingsChange, writeSettings } from '../pull-requests/settings-pull.ts';
import { codeSpan } from '../report/markdown.ts';
import { effectsOf, type SettingsWish } from './effects.ts';
import { type CommandSession, say } from './session.ts';

/** What is needed to write to the settings file. */
export type SettlingContext = {
  readonly forge: Forge;
  readonly base: { readonly branch: string; readonly commit: Commit };
  readonly plan: Plan;
  readonly now: Date;
};

/**
 * Writes what the comments ask of the settings file; each session says what became of it. `pull` is the pull request
 * that holds what was written, null where nothing was. Throws what the forge throws.
 */
export async function settleSettings(
  context: SettlingContext,
  sessions: readonly CommandSession[],
): Promise<{ readonly sessions: readonly CommandSession[]; readonly pull: number | null }> {
  const settled: CommandSession[] = [];
  let pull: number | null = null;
  for (const session of sessions) {
    const wishes = effectsOf([session], 'settings').map(({ wish }) => wish);
    const done = wishes.length === 0 ? null : await settle(context, session, wishes);
    settled.push(done?.session ?? session);
    pull = done?.pull ?? pull;
  }
  return { sessions: settled, pull };
}

async function settle(
  context: SettlingContext,
  session: CommandSession,
  wishes: readonly SettingsWish[],
): Promise<{ readonly session: CommandSession; readonly pull: number | null }> {
  const { author } = session.request;
  const changes: SettingsChange[] = [];
  for (const wish of wishes) changes.push(...(await changesFor(context, wish, author)));
  if (changes.length === 0) {
    const line = 'This pull request proposes no digest that could be ignored.';
    return { session: say(session, [line], true), pull: null };
  }
  const outcome = await writeSettings(context.forge, context.base, changes, author);
  switch (outcome.status) {
    case 'not-editable': {
      const line = `${codeSpan(outcome.path)} could not be edited automatically; make the change by hand.`;
      return { session: say(session, [line], true), pull: null };
    }
    case 'unchanged':
      return { session: say(session, ['Already configured.']), pull: null };
    case 'written': {
      const by = context.forge.links.pullRequest(outcome.number);
      const line = `Written to ${codeSpan(outcome.file.path)} by ${by}: in effect now, and permanently once it is merged.`;
      return { session: say(session, [line]), pull: outcome.number };
    }
  }
}

async function changesFor(
  { forge, plan, now }: SettlingContext,
  wish: SettingsWish,
  by: string,
): Promise<readonly SettingsChange[]> {
  switch (wish.kind) {
    case 'hold': {
      const until =
        wish.days === null ? null : isoDate(new Date(now.getTime() + Math.ceil(wish.days) * DAY_MS));
      const entry = { image: settingsName(wish.image), until, reason: wish.reason, by };
      return [{ kind: 'add', list: 'holds', entry }];
    }
    case 'unhold':
      return [{ kind: 'remove', list: 'holds', image: settingsName(wish.image) }];
    case 'ignore': {
      const { digest } = wish.image;
      const named = digest === null ? {} : { digest };
      const entry = { image: settingsName(wish.image), ...named, reason: wish.reason, by };
      return [{ kind: 'add', list: 'ignores', entry }];
    }
    case 'ignore-digests': {
      const pull = await forge.pullRequest(wish.pullRequest);
      const marked = new Set((readMarker(pull?.body ?? '')?.pins ?? []).map((pin) => pin.to));
      return plan.rotations
        .filter((rotation) => rotation.verdict === 'rotate' && marked.has(markDigest(rotation.to)))
        .map(({ image, to }) => {
          return {
            kind: 'add',
            list: 'ignores',
            entry: { image: settingsName(image), digest: to, reason: wish.reason, by },
          };
        });
    }
  }
}

/**
 * The pattern an image is written by in the settings: the short name with the tag where one was named; the canonical one
 * where the short name alone would read as something else (an image of Docker Hub that is called `my.image`).
 */
export function settingsName(image: Pick<CommandImage, 'registry' | 'repository' | 'tag'>): string {
  const tag = image.tag === null ? '' : `:${image.tag}`;
  const short = `${familiarName(image)}${tag}`;
  return parseImagePattern(short).ok ? short : `${canonicalName(image)}${tag}`;
}
