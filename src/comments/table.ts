import type { Result } from '../domain/errors.ts';
import type { CommandKind, RotateCommand } from '../domain/rotate-command.ts';
import type { PullRequest } from '../forge/types.ts';
import { codeSpan, table } from '../report/markdown.ts';
import { type Arguments, quote } from './arguments.ts';
import type { Effect, SettingsWish } from './effects.ts';

/** Where a comment is: on a pull request of ours, of somebody else, or on an issue (`pull` null). */
export type CommentPlace = { readonly pull: PullRequest | null; readonly ours: boolean };

/** What is said at once, without a pass. Markdown made safe. */
export type Reply = { readonly kind: 'reply'; readonly line: string; readonly failed: boolean };

/** What a command does in each place; null: it is of no use there. */
export type Meaning =
  | string
  | { readonly ours: string; readonly other: string | null; readonly elsewhere: string | null };

type Known = Exclude<CommandKind, 'unknown'>;
type CommandOf<Kind extends CommandKind> = Extract<RotateCommand, { readonly kind: Kind }>;

/** All there is to know of one `/rotate` command. */
type RowOf<Kind extends Known> = {
  readonly kind: Kind;
  /** The word behind `/rotate`; null for a command that is known by its form. */
  readonly word: string | null;
  /** How it is written, for help and documentation. */
  readonly usage: string;
  readonly meaning: Meaning;
  /** Reads what stands behind the word; the fault is one sentence without its full stop. */
  readonly parse: (given: Arguments) => Result<CommandOf<Kind>, string>;
  /** What it makes the pass do in this place; a reply needs no pass. */
  readonly effect: (command: CommandOf<Kind>, place: CommentPlace) => Effect | Reply;
};

export type CommandRow = Pick<RowOf<Known>, 'kind' | 'word' | 'usage' | 'meaning'> & {
  readonly parse: (given: Arguments) => Result<RotateCommand, string>;
  readonly effect: (command: RotateCommand, place: CommentPlace) => Effect | Reply;
};

const READ_ONLY_HINT =
  'Only people with write access can use these commands. Holds and ignores are written to the settings file by pull request.';

/**
 * Every `/rotate` command, in the order of the help. Parsing, help, documentation, whether a pass is
 * needed, and the answer follow from these rows: another command is a row here, its kind in `command.ts`, and an effect
 * in `effects.ts` where none of those that are there does what it asks for.
 */
export const COMMANDS: readonly CommandRow[] = [
  row({
    kind: 'here',
    word: null,
    usage: '/rotate',
    meaning: {
      ours: 'look up the tags again and rebuild it; on a closed one, propose its digests again',
      other:
        'rotate the images in the files it touches: by a commit on its branch, or by suggested changes if it comes from a fork',
      elsewhere: 'run a pass over the repository',
    },
    parse: () => ok({ kind: 'here' }),
    effect: (_, { pull, ours }) => {
      if (pull === null) return { kind: 'everything' };
      if (ours && pull.state === 'closed') return { kind: 'propose-again', pull };
      if (ours) return { kind: 'rebuild', pullRequest: pull.number };
      return pull.state === 'open' ? { kind: 'rotate-in', pull } : refusal('This pull request is closed.');
    },
  }),
  row({
    kind: 'all',
    word: 'all',
    usage: '/rotate all',
    meaning: 'run a pass over the repository',
    parse: withoutArguments('all'),
    effect: () => ({ kind: 'everything' }),
  }),
  row({
    kind: 'image',
    word: null,
    usage: '/rotate IMAGE[:TAG]',
    meaning:
      'propose this image, even if it is waiting (cool-down, settling) or its digest was closed before',
    parse: (given) => {
      const text = given.next ?? '';
      const image = given.image();
      if (!image.ok) return fault(`${quote(text)} is neither a command nor an image: ${image.fault}`);
      if (given.isEmpty) return ok({ kind: 'image', image: image.value });
      return fault(`"/rotate IMAGE" takes one image; remove ${quote(given.next ?? '')}`);
    },
    effect: ({ image }) => ({ kind: 'propose', image }),
  }),
  row({
    kind: 'rebase',
    word: 'rebase',
    usage: '/rotate rebase',
    meaning: { ours: 'rebuild it, even if someone else pushed to it', other: null, elsewhere: null },
    parse: withoutArguments('rebase'),
    effect: (_, { pull, ours }) =>
      pull !== null && ours
        ? { kind: 'rebuild', pullRequest: pull.number }
        : refusal(`${codeSpan('/rotate rebase')} rebuilds a Pinwheel pull request, and this is not one.`),
  }),
  row({
    kind: 'hold',
    word: 'hold',
    usage: '/rotate hold IMAGE [for 30d] [because …]',
    meaning: 'keep an image where it is, by a pull request to the settings file; takes effect at once',
    parse: parseHold,
    effect: ({ image, days, reason }) => settings({ kind: 'hold', image, days, reason }),
  }),
  row({
    kind: 'unhold',
    word: 'unhold',
    usage: '/rotate unhold IMAGE',
    meaning: 'end a hold, the same way',
    parse: (given) => {
      const image = given.image();
      if (!image.ok) return fault(`"unhold" needs an image: ${image.fault}`);
      return given.isEmpty ? ok({ kind: 'unhold', image: image.value }) : fault('"unhold" takes one image');
    },
    effect: ({ image }) => settings({ kind: 'unhold', image }),
  }),
  row({
    kind: 'ignore',
    word: 'ignore',
    usage: '/rotate ignore [IMAGE] [because …]',
    meaning: {
      ours: 'never propose the digests of this pull request again, or the named image',
      other: 'never propose the named image again',
      elsewhere: 'never propose the named image again',
    },
    parse: parseIgnore,
    effect: ({ image, reason }, { pull, ours }) => {
      if (image !== null) return settings({ kind: 'ignore', image, reason });
      if (pull !== null && ours)
        return settings({ kind: 'ignore-digests', pullRequest: pull.number, reason });
      return refusal(
        `${codeSpan('/rotate ignore')} without an image ignores what a Pinwheel pull request proposes, and this is not one. Name an image: ${codeSpan('/rotate ignore IMAGE')}.`,
      );
    },
  }),
  row({
    kind: 'status',
    word: 'status',
    usage: '/rotate status',
    meaning: 'list what is open, held and blocked',
    parse: withoutArguments('status'),
    effect: () => ({ kind: 'status' }),
  }),
  row({
    kind: 'help',
    word: 'help',
    usage: '/rotate help',
    meaning: 'show this list',
    parse: withoutArguments('help'),
    effect: () => ({ kind: 'reply', line: helpText(), failed: false }),
  }),
];

/** The row of a kind of command. */
export function rowOf(kind: Known): CommandRow {
  const found = COMMANDS.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`no command ${kind}`);
  return found;
}

/** What `/rotate help` answers: Markdown. */
export function helpText(): string {
  const rows = COMMANDS.map(({ usage, meaning }) => [codeSpan(usage), inWords(meaning)]);
  return `${table(['command', 'what it does'], rows)}\n\n${READ_ONLY_HINT}`;
}

function inWords(meaning: Meaning): string {
  if (typeof meaning === 'string') return meaning;
  const { ours, other, elsewhere } = meaning;
  const parts = [`on a Pinwheel pull request: ${ours}`];
  if (other !== null && other === elsewhere) parts.push(`elsewhere: ${other}`);
  else {
    if (other !== null) parts.push(`on another pull request: ${other}`);
    if (elsewhere !== null) parts.push(`elsewhere: ${elsewhere}`);
  }
  return parts.join('; ');
}

/** `hold IMAGE [for 30d] [because …]` */
function parseHold(given: Arguments): Result<CommandOf<'hold'>, string> {
  const image = given.image();
  if (!image.ok) return fault(`"hold" needs an image: ${image.fault}`);
  let days: number | null = null;
  if (given.takes('for')) {
    days = given.days();
    if (days === null) return fault(`"for" needs a duration such as 30d, 2w or 12h${given.butGiven}`);
  }
  const reason = given.reason();
  if (reason === undefined) return fault(`${quote(given.next ?? '')} is not expected here`);
  return ok({ kind: 'hold', image: image.value, days, reason });
}

/** `ignore [IMAGE | this digest] [because …]` */
function parseIgnore(given: Arguments): Result<CommandOf<'ignore'>, string> {
  const text = given.next;
  const isThis = given.takes('this') ? given.takes('digest') || true : given.takes('digest');
  const isNamed = !isThis && text !== null && text.toLowerCase() !== 'because';
  const image = isNamed ? given.image() : null;
  if (image !== null && !image.ok) return fault(image.fault);
  const reason = given.reason();
  if (reason === undefined) return fault(`${quote(given.next ?? '')} is not expected here`);
  return ok({ kind: 'ignore', image: image?.value ?? null, reason });
}

function withoutArguments<Kind extends 'all' | 'rebase' | 'status' | 'help'>(kind: Kind) {
  return (given: Arguments): Result<{ readonly kind: Kind }, string> =>
    given.isEmpty ? ok({ kind }) : fault(`"/rotate ${kind}" takes no arguments`);
}

function settings(wish: SettingsWish): Effect {
  return { kind: 'settings', wish };
}

function refusal(line: string): Reply {
  return { kind: 'reply', line, failed: true };
}

function ok<Value>(value: Value): Result<Value, never> {
  return { ok: true, value };
}

function fault(problem: string): Result<never, string> {
  return { ok: false, fault: problem };
}

/** A row as the table holds it: its effect takes any command, and is asked of its own kind alone. */
function row<Kind extends Known>(init: RowOf<Kind>): CommandRow {
  const isOwn = (command: RotateCommand): command is CommandOf<Kind> => command.kind === init.kind;
  return {
    ...init,
    effect: (command, place) => {
      if (!isOwn(command)) throw new TypeError(`${command.kind} is not ${init.kind}`);
      return init.effect(command, place);
    },
  };
}
