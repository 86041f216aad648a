import type { WorkBudget } from '../work-budget.ts';
import { type Binding, declareBinding } from './binding.ts';
import { DOLLAR, EQUALS } from './chars.ts';
import { expandWord, isFault } from './expand.ts';
import type { LogicalLine } from './logical-line.ts';
import type { Range } from './words.ts';

const UNKNOWN = 'the default of ';

/**
 * The ARGs of one file: global ones before the first FROM, which FROM lines see, and those of the current stage, which
 * only later ARGs of that stage see (dockerfile2llb/convert.go `buildMetaArgs`, `dispatchArg`).
 */
export class Scopes {
  readonly #escape: number;
  readonly #budget: WorkBudget;
  readonly #text: string;
  readonly #globals = new Map<string, Binding>();
  #stage = new Map<string, Binding>();
  /** File ranges of the current stage's ENV instructions. */
  #environment: { readonly start: number; readonly end: number }[] = [];
  /** 'global' before the first FROM, then the stage's number. */
  scope: 'global' | number = 'global';
  readonly declared: Binding[] = [];

  constructor(text: string, escapeCode: number, budget: WorkBudget) {
    this.#text = text;
    this.#escape = escapeCode;
    this.#budget = budget;
  }

  /** What FROM lines and global ARGs see. */
  readonly global = (name: string): Binding | undefined => this.#globals.get(name);

  /** Begins the next stage: its ARGs start empty. */
  enterStage(): void {
    this.scope = this.scope === 'global' ? 0 : this.scope + 1;
    if (this.#stage.size > 0) this.#stage = new Map();
    if (this.#environment.length > 0) this.#environment = [];
  }

  /** Notes an ENV instruction: what it names has a value this file's ARGs do not tell. */
  noteEnvironment(start: number, end: number): void {
    this.#environment.push({ start, end });
  }

  /** Declares one `NAME[=default]` word of an ARG instruction. `isTrigger`: by ONBUILD, so not for this file's stages. */
  declare(line: LogicalLine, word: Range, isTrigger: boolean): void {
    const text = line.text;
    let equals = word.from;
    while (equals < word.to && text.charCodeAt(equals) !== EQUALS) equals++;
    const name = text.slice(word.from, equals);
    if (name === '') return;
    if (equals >= word.to) {
      this.#redeclare(name, line.source(word.from), isTrigger);
      return;
    }
    const empty = equals + 1 === word.to;
    const start = empty ? line.source(equals) + 1 : line.source(equals + 1);
    const end = empty ? start : line.source(word.to - 1) + 1;
    const binding = declareBinding(name, this.scope, { start, end });
    this.#evaluate(binding, line, equals + 1, word.to);
    this.declared.push(binding);
    if (isTrigger) return;
    if (this.scope === 'global') this.#globals.set(name, binding);
    else this.#stage.set(name, binding);
  }

  #redeclare(name: string, at: number, isTrigger: boolean): void {
    const binding = declareBinding(name, this.scope, { start: -1, end: at });
    this.declared.push(binding);
    if (isTrigger) return;
    const global = this.#globals.get(name);
    if (this.scope === 'global') {
      // A second declaration without a default keeps the first one's.
      if (global === undefined) this.#globals.set(name, binding);
      return;
    }
    if (global !== undefined) global.isRedeclared = true;
    this.#stage.set(name, global ?? binding);
  }

  #evaluate(binding: Binding, line: LogicalLine, from: number, to: number): void {
    const owner = binding;
    const lookup = this.scope === 'global' ? this.global : this.#stageLookup(line, from, to);
    const result = expandWord({
      line,
      from,
      to,
      escapeCode: this.#escape,
      owner,
      lookup,
      budget: this.#budget,
    });
    if (isFault(result)) {
      binding.state = 'unknown';
      binding.fault = `the default of "${clip(binding.name)}" cannot be worked out: ${result.message}`.slice(
        0,
        300,
      );
      return;
    }
    binding.reads = result.reads;
    if (result.unset !== null) {
      binding.state = 'unknown';
      binding.fault = `${UNKNOWN}"${clip(binding.name)}" needs "${clip(result.unset)}", which has no value here`;
      return;
    }
    binding.state = 'set';
    binding.value = result.value;
    binding.pieces = result.pieces;
    binding.composed = result.composed;
    binding.sole = result.sole;
  }

  #stageLookup(line: LogicalLine, from: number, to: number): (name: string) => Binding | undefined {
    let hasVariable = false;
    for (let i = from; i < to && !hasVariable; i++) hasVariable = line.text.charCodeAt(i) === DOLLAR;
    if (!hasVariable || this.#environment.length === 0) return (name) => this.#stage.get(name);
    return (name) => (this.#mayBeSetByEnv(name) ? undefined : this.#stage.get(name));
  }

  #mayBeSetByEnv(name: string): boolean {
    return this.#environment.some(({ start, end }) => {
      if (!this.#budget.spend(end - start)) return true;
      return this.#text.slice(start, end).includes(name);
    });
  }
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
