import { concat, type MappedText, part, trimmed } from '../readers/mapped-text.ts';
import type { WorkBudget } from '../work-budget.ts';
import { type Dialect, type Reference, SHELL } from './dialects.ts';

/**
 * The one interpolator of all formats but Dockerfiles, which are read as BuildKit's own lexer reads them
 * (`extract/dockerfile/shell-lexer.ts`: it takes quotes off, cuts and replaces by patterns). What differs between the
 * formats is a {@link Dialect}; the caps are the same for all:
 *
 * - an answer of more than 4,096 characters is none: it is longer than any reference, and what grows past it is a bomb;
 * - answers are followed 12 levels deep, and one that asks for itself is none;
 * - one text has 4,096 answers at most, those inside answers included, and 64 readings at most;
 * - what answers add, texts longer than that, and each of several readings are paid for from the file's {@link WorkBudget}.
 */
const ANSWER_LIMIT = 4096;
const DEPTH_LIMIT = 12;
const STEP_LIMIT = 4096;
/** More readings than this are not followed: a matrix of images has a handful. */
const READING_LIMIT = 64;
/** What each of several readings costs: all places that ask may ask for all values. */
const READING_COST = 100;
/** How much is shown of a text that cannot be read. */
const SHOWN_LIMIT = 80;

/** The variables a text is read with: the value of a name, or undefined where this file does not say. */
export type VariableScope = (name: string) => MappedText | undefined;

/** The texts a name may stand for: several where a matrix says so; undefined where this file does not say. */
export type ValuesScope = (name: string) => readonly MappedText[] | undefined;

/** One reading of a text. Every character keeps the place where it really stands. */
export type Reading = {
  readonly text: MappedText;
  /** Where the text is one variable whole: its name. */
  readonly variable: string | null;
  /** The same of the last variable, where one variable is another whole: the one whose value the text is. */
  readonly holder: string | null;
};

type Unread = { readonly missing: string };

/** What became of a text with variables of which each has one value. `missing` names the first without. */
export type Expanded = ({ readonly ok: true } & Reading) | ({ readonly ok: false } & Unread);

/** No variable has a value: a `$` in a text makes it unreadable, defaults apart. */
export const NO_VARIABLES: VariableScope = () => undefined;

/**
 * Reads a text in the shell's dialect. A name without value and default, or an expansion that is not known, is `missing`.
 * Never throws; costs what the answers add.
 */
export function expandVariables(text: MappedText, scope: VariableScope, budget: WorkBudget): Expanded {
  if (!text.value.includes('$')) return { ok: true, ...plain(text) };
  const found = new Interpolator(SHELL, valuesOf(scope), budget, 1).read(text);
  if ('missing' in found) return { ok: false, missing: found.missing };
  const [only = plain(text)] = found;
  return { ok: true, ...only };
}

/**
 * All readings of a text in a dialect whose unanswered references stay: at least the text itself, unless several readings
 * cannot be paid for: then none.
 */
export function readings(
  text: MappedText,
  dialect: Dialect,
  scope: ValuesScope,
  budget: WorkBudget,
): readonly MappedText[] {
  return readingsInEach(text, dialect, [scope], budget);
}

/** All readings of a text with each of several scopes: the rows of a matrix, whose values come together. */
export function readingsInEach(
  text: MappedText,
  dialect: Dialect,
  scopes: readonly ValuesScope[],
  budget: WorkBudget,
): readonly MappedText[] {
  if (dialect.find(text.value, 0) === null) return [text];
  const found = scopes.slice(0, READING_LIMIT).flatMap((scope) => {
    const some = new Interpolator(dialect, scope, budget, READING_LIMIT).read(text);
    return 'missing' in some ? [] : some;
  });
  return affordable(found, budget).map((one) => one.text);
}

/** The one reading of a text, or the text itself where there are several: scripts, paths. */
export function soleReading(
  text: MappedText,
  dialect: Dialect,
  scope: ValuesScope,
  budget: WorkBudget,
): MappedText {
  if (dialect.find(text.value, 0) === null) return text;
  const found = new Interpolator(dialect, scope, budget, 1).read(text);
  return 'missing' in found ? text : (found[0]?.text ?? text);
}

/**
 * Where a text is one reference whole, what that holds, and so on to where the value stands; else the text itself. What
 * nothing answers stays. Several where a name has several values, none where these cannot be paid for.
 */
export function follow(
  text: MappedText,
  dialect: Dialect,
  scope: ValuesScope,
  budget: WorkBudget,
): readonly Reading[] {
  return affordable(new Interpolator(dialect, scope, budget, READING_LIMIT).follow(text), budget);
}

/** Whether a text is one reference whole, whatever it stands for. */
export function isReference(text: MappedText, dialect: Dialect): boolean {
  return wholeName(trimmed(text), dialect) !== null;
}

/** Up to 64 of several things to be read, if the file can still pay for them; a single one is free. */
export function affordable<T>(alternatives: readonly T[], budget: WorkBudget): readonly T[] {
  const some = alternatives.length > READING_LIMIT ? alternatives.slice(0, READING_LIMIT) : alternatives;
  return some.length < 2 || budget.spend(READING_COST * some.length) ? some : [];
}

/** The names that a text asks for, the first 4,096 of them. */
export function namesIn(text: string, dialect: Dialect): ReadonlySet<string> {
  const names = new Set<string>();
  let found = dialect.find(text, 0);
  for (let steps = 0; found !== null && steps < STEP_LIMIT; steps++) {
    if (found.kind === 'variable') names.add(found.name);
    found = dialect.find(text, found.to);
  }
  return names;
}

/** A scope whose names have one value each, as one whose names may have several. */
export function valuesOf(scope: VariableScope): ValuesScope {
  return (name) => {
    const one = scope(name);
    return one === undefined ? undefined : [one];
  };
}

type Reader = (text: MappedText) => readonly Reading[] | Unread;

class Interpolator {
  readonly #dialect: Dialect;
  readonly #scope: ValuesScope;
  readonly #budget: WorkBudget;
  readonly #limit: number;
  /** Names that are being answered. */
  readonly #open = new Set<string>();
  #steps = 0;

  /** `limit`: how many readings are wanted; a text that has more is left as it stands. */
  constructor(dialect: Dialect, scope: ValuesScope, budget: WorkBudget, limit: number) {
    this.#dialect = dialect;
    this.#scope = scope;
    this.#budget = budget;
    this.#limit = limit;
  }

  read(text: MappedText): readonly Reading[] | Unread {
    const { value } = text;
    const fails = this.#dialect.unanswered === 'fails';
    let reference = this.#dialect.find(value, 0);
    if (reference === null) return [plain(text)];
    const isLong = value.length > ANSWER_LIMIT;
    if (isLong && (fails || !this.#budget.spend(value.length))) return fails ? unread(value) : [plain(text)];
    let found: MappedText[][] = [[]];
    let at = 0;
    for (; reference !== null; reference = this.#dialect.find(value, at)) {
      const { from, to } = reference;
      const isWhole = from === 0 && to === value.length;
      let options = this.#options(text, reference);
      if ('missing' in options) {
        if (fails) return options;
        if (isWhole) return [plain(text)];
        options = [plain(part(text, from, to))];
      }
      if (found.length * options.length > this.#limit) return fails ? unread(value) : [plain(text)];
      if (isWhole && reference.kind === 'variable') {
        const { name } = reference;
        return options.map((one) => ({ text: one.text, variable: name, holder: one.holder ?? name }));
      }
      if (from > at) {
        const before = part(text, at, from);
        for (const pieces of found) pieces.push(before);
      }
      const [only] = options;
      if (options.length === 1 && only !== undefined) for (const pieces of found) pieces.push(only.text);
      else found = found.flatMap((pieces) => options.map((option) => [...pieces, option.text]));
      at = to;
    }
    if (at < value.length) for (const pieces of found) pieces.push(part(text, at, value.length));
    const read = found.map((pieces) => plain(concat(pieces)));
    return fails && read.some((one) => one.text.value.length > ANSWER_LIMIT) ? unread(value) : read;
  }

  follow(text: MappedText): readonly Reading[] {
    const whole = trimmed(text);
    const name = wholeName(whole, this.#dialect);
    const options = name === null ? null : this.#answers(name, (answer) => this.follow(answer));
    if (options === null || 'missing' in options) return [plain(whole)];
    return options.map((one) => ({ ...one, variable: name, holder: one.holder ?? name }));
  }

  #options(text: MappedText, reference: Reference): readonly Reading[] | Unread {
    const { from, to } = reference;
    if (reference.kind === 'literal') return [plain(part(text, reference.textFrom, to))];
    if (reference.kind === 'unknown') return unread(text.value.slice(from, to));
    const { name, otherwise } = reference;
    const read: Reader = (answer) => this.read(answer);
    if (otherwise === null) return this.#answers(name, read);
    const { operator } = otherwise;
    const word = part(text, otherwise.from, otherwise.to);
    const known = this.#scope(name);
    const isSet = known !== undefined && !(operator.startsWith(':') && known[0]?.value === '');
    if (operator.endsWith('+')) return isSet ? this.#answer(word, read) : { missing: name };
    if (isSet) return this.#answers(name, read);
    return operator.endsWith('?') ? { missing: name } : this.#answer(word, read);
  }

  /** What the values of a name are read as; what one of them asks for in vain is missing only where none can be read. */
  #answers(name: string, read: Reader): readonly Reading[] | Unread {
    const known = this.#scope(name);
    if (known === undefined || this.#open.has(name)) return { missing: name };
    this.#open.add(name);
    const found: Reading[] = [];
    let missing = name;
    for (const value of known) {
      if (found.length >= READING_LIMIT || this.#budget.isOverdrawn) break;
      const some = this.#answer(trimmed(value), read);
      if ('missing' in some) missing = some.missing;
      else found.push(...some);
    }
    this.#open.delete(name);
    return found.length === 0 ? { missing } : found;
  }

  /** What an answer, or the word of a default, is read as, where the caps and the budget allow it. */
  #answer(answer: MappedText, read: Reader): readonly Reading[] | Unread {
    const { value } = answer;
    if (value.length > ANSWER_LIMIT || this.#open.size > DEPTH_LIMIT) return unread(value);
    if (++this.#steps > STEP_LIMIT || !this.#budget.spend(value.length + 1)) return unread(value);
    const found = read(answer);
    if ('missing' in found) return found;
    const short = found.filter((one) => one.text.value.length <= ANSWER_LIMIT);
    return short.length === 0 ? unread(value) : short;
  }
}

function wholeName({ value }: MappedText, dialect: Dialect): string | null {
  const found = dialect.find(value, 0);
  return found?.kind === 'variable' && found.from === 0 && found.to === value.length ? found.name : null;
}

function unread(text: string): Unread {
  return { missing: text.slice(0, SHOWN_LIMIT) };
}

function plain(text: MappedText): Reading {
  return { text, variable: null, holder: null };
}
