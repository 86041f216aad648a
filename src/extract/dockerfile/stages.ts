import { parseImageReference } from '../../domain/image-reference.ts';
import type { SiteKind } from '../../domain/site.ts';
import type { WorkBudget } from '../work-budget.ts';
import { type Binding, type Piece, slicePieces } from './binding.ts';
import { COMMA, EQUALS, isBlank } from './chars.ts';
import type { Collector, WordPlace } from './collector.ts';
import { expandWord, isFault } from './expand.ts';
import { type Instruction, keywordOf } from './instructions.ts';
import type { LogicalLine } from './logical-line.ts';
import { isTemplatedWord } from './names.ts';
import type { Scopes } from './scopes.ts';
import { hasQuoteOrEscape, isStageName, isStageNumber, markNaming, stageName } from './stage-names.ts';
import { type Flag, type Range, readFlags, splitBlanks, splitWords } from './words.ts';

/** A COPY or mount source, kept until all stages are known. */
type Source = {
  readonly kind: SiteKind;
  readonly value: string;
  readonly pieces: readonly Piece[];
};

/** Follows the instructions of one file and notes the images they name (dockerfile2llb/convert.go). */
export class StageReader {
  readonly #collector: Collector;
  readonly #scopes: Scopes;
  readonly #escape: number;
  readonly #budget: WorkBudget;
  /** Names of the stages so far, lower case. */
  readonly stageNames = new Set<string>();
  #stageCount = 0;
  #sources: Source[] = [];

  constructor(init: {
    readonly collector: Collector;
    readonly scopes: Scopes;
    readonly escapeCode: number;
    readonly budget: WorkBudget;
  }) {
    this.#collector = init.collector;
    this.#scopes = init.scopes;
    this.#escape = init.escapeCode;
    this.#budget = init.budget;
  }

  /** Takes in one instruction. */
  read(instruction: Instruction): void {
    const { line } = instruction;
    if (line === null) return;
    this.#dispatch(instruction.keyword, line, instruction.args, instruction.end, false);
  }

  /** Notes the images of COPY and mounts: a stage may be named before it is defined. */
  finish(): void {
    for (const source of this.#sources) this.#noteSource(source);
    this.#sources = [];
  }

  #dispatch(
    keyword: Instruction['keyword'],
    line: LogicalLine,
    from: number,
    to: number,
    isTrigger: boolean,
  ): void {
    switch (keyword) {
      case 'from':
        if (isTrigger) this.#refuseTrigger(line, from, to);
        else this.#from(line, from, to);
        return;
      case 'arg':
        for (const word of splitWords(line.text, from, to, this.#escape)) {
          this.#scopes.declare(line, word, isTrigger);
        }
        return;
      case 'copy':
      case 'add':
      case 'run':
        this.#flags(keyword, line, from, to);
        return;
      case 'onbuild':
        this.#onbuild(line, from, to);
        return;
      case 'env':
        if (from < to && !isTrigger) this.#scopes.noteEnvironment(line.source(from), line.source(to - 1) + 1);
        return;
      default:
    }
  }

  #onbuild(line: LogicalLine, from: number, to: number): void {
    let start = from;
    for (;;) {
      let end = start;
      while (end < to && !isBlank(line.text.charCodeAt(end))) end++;
      const keyword = keywordOf(line.text, start, end);
      while (end < to && isBlank(line.text.charCodeAt(end))) end++;
      start = end;
      if (keyword === 'onbuild') continue;
      this.#dispatch(keyword, line, start, to, true);
      return;
    }
  }

  #refuseTrigger(line: LogicalLine, from: number, to: number): void {
    if (from >= to) return;
    this.#collector.skip(
      line.source(from),
      line.source(to - 1) + 1,
      'unsupported-spelling',
      'FROM is not allowed as an ONBUILD trigger',
    );
  }

  #from(line: LogicalLine, from: number, to: number): void {
    const { rest } = readFlags(line, from, to, this.#escape);
    const words = splitBlanks(line.text, rest, to, 4);
    const base = words[0];
    const name = stageName(line.text, words);
    const number = this.#stageCount;
    this.#stageCount++;
    this.#scopes.enterStage();
    if (base === undefined || name === undefined) {
      this.#refuseFrom(line, from, to);
      return;
    }
    this.#base(line, base);
    if (name === null) return;
    if (!isStageName(name)) {
      this.#collector.error(
        line.source(words[2]?.from ?? from),
        `${JSON.stringify(name.slice(0, 80))} cannot name stage ${number}: want a letter, then letters, digits, "-", "_" or "."`,
      );
    }
    this.stageNames.add(name);
  }

  #refuseFrom(line: LogicalLine, from: number, to: number): void {
    const start = from < to ? line.source(from) : line.source(Math.max(0, from - 1));
    const end = from < to ? line.source(to - 1) + 1 : start;
    if (isTemplatedWord(line.text.slice(from, to))) {
      this.#collector.skip(start, end, 'templated', 'the line is filled in by a template');
      return;
    }
    this.#collector.error(start, 'FROM wants an image, or an image, AS and a stage name');
  }

  #base(line: LogicalLine, word: Range): void {
    const start = line.source(word.from);
    const end = line.source(word.to - 1) + 1;
    const expansion = expandWord({
      line,
      from: word.from,
      to: word.to,
      escapeCode: this.#escape,
      owner: null,
      lookup: this.#scopes.global,
      budget: this.#budget,
    });
    if (isFault(expansion)) {
      const spelled = line.text.slice(word.from, word.to);
      const reason = isTemplatedWord(spelled)
        ? 'templated'
        : expansion.kind === 'variable' || spelled.includes('$')
          ? 'unresolvable-variable'
          : 'invalid-reference';
      this.#collector.skip(start, end, reason, expansion.message);
      return;
    }
    for (const binding of expansion.reads) markNaming(binding);
    if (expansion.unset !== null) {
      const detail = `"${expansion.unset.slice(0, 60)}" has no value here: give its ARG before the first FROM a default`;
      this.#collector.skip(start, end, 'unresolvable-variable', detail);
      return;
    }
    const { value, sole } = expansion;
    if (value === 'scratch') {
      this.#collector.skip(start, end, 'scratch', 'scratch is the empty image');
    } else if (this.stageNames.has(value.toLowerCase())) {
      this.#collector.skip(start, end, 'stage', `"${value}" is a stage of this file`);
    } else if (sole !== null) {
      this.noteBinding(sole, start, end);
    } else {
      this.#note({ kind: 'from', start, end, self: null }, value, expansion.pieces, expansion.composed);
    }
  }

  /** Notes the image that an ARG's default holds, once. `start` and `end` are the word that reads it. */
  noteBinding(binding: Binding, start = binding.start, end = binding.end): void {
    if (binding.isReported) return;
    binding.isReported = true;
    if (binding.value === '') {
      this.#collector.skip(start, end, 'unresolvable-variable', `"${binding.name}" is empty`);
      return;
    }
    const place: WordPlace = { kind: 'arg-default', start: binding.start, end: binding.end, self: binding };
    this.#note(place, binding.value, binding.pieces, binding.composed);
  }

  #note(place: WordPlace, value: string, pieces: readonly Piece[], composed: boolean): void {
    const parsed = parseImageReference(value);
    if (parsed.ok) {
      this.#collector.add(place, { image: parsed.value, pieces, composed });
      return;
    }
    const isTemplate = isTemplatedWord(value);
    const detail = isTemplate ? 'the reference is filled in by a template' : parsed.fault.message;
    this.#collector.skip(place.start, place.end, isTemplate ? 'templated' : 'invalid-reference', detail);
  }

  #flags(keyword: 'copy' | 'add' | 'run', line: LogicalLine, from: number, to: number): void {
    for (const flag of readFlags(line, from, to, this.#escape).flags) {
      if (flag.value === null || flag.value === '') continue;
      if (keyword === 'run') {
        if (flag.name === 'mount') this.#mount(flag.value, flag);
      } else if (flag.name === 'from') {
        if (keyword === 'copy')
          this.#sources.push({ kind: 'copy-from', value: flag.value, pieces: flag.pieces });
        else this.#skipPieces(flag.pieces, 'unsupported-spelling', 'ADD has no --from: use COPY');
      }
    }
  }

  /** The `from` of one `--mount` (instructions/commands_runmount.go `parseMount`): the last one counts. */
  #mount(value: string, flag: Flag): void {
    let from: Range | null = null;
    let start = 0;
    while (start <= value.length) {
      let end = start;
      let equals = -1;
      for (; end < value.length && value.charCodeAt(end) !== COMMA; end++) {
        if (equals < 0 && value.charCodeAt(end) === EQUALS) equals = end;
      }
      if (equals >= 0) {
        const key = value.slice(start, equals).toLowerCase();
        if (key === 'type' && value.slice(equals + 1, end).toLowerCase() === 'tmpfs') return;
        if (key === 'from') from = { from: equals + 1, to: end };
      }
      start = end + 1;
    }
    if (from === null || from.from === from.to) return;
    const pieces = slicePieces(flag.pieces, from.from, from.to);
    this.#sources.push({ kind: 'mount-from', value: value.slice(from.from, from.to), pieces });
  }

  #noteSource({ kind, value, pieces }: Source): void {
    const start = pieces[0]?.at ?? 0;
    const last = pieces.at(-1);
    const end = last === undefined ? start : last.at + last.text.length;
    if (isTemplatedWord(value)) {
      this.#collector.skip(start, end, 'templated', 'the reference is filled in by a template');
    } else if (value.includes('$')) {
      const where = kind === 'copy-from' ? 'COPY --from' : 'RUN --mount from';
      const detail = `${where} does not expand variables: name a stage whose FROM does`;
      this.#collector.skip(start, end, 'unresolvable-variable', detail);
    } else if (hasQuoteOrEscape(value, this.#escape)) {
      this.#collector.skip(
        start,
        end,
        'unsupported-spelling',
        'quotes or escapes stand inside the reference',
      );
    } else if (value === 'scratch') {
      this.#collector.skip(start, end, 'scratch', 'scratch is the empty image');
    } else if (kind === 'copy-from' && isStageNumber(value)) {
      this.#collector.skip(start, end, 'stage', `stage number ${value}`);
    } else if (this.stageNames.has(value.toLowerCase())) {
      this.#collector.skip(start, end, 'stage', `"${value}" is a stage of this file`);
    } else {
      this.#note({ kind, start, end, self: null }, value, pieces, false);
    }
  }

  #skipPieces(pieces: readonly Piece[], reason: 'unsupported-spelling', detail: string): void {
    const first = pieces[0];
    const last = pieces.at(-1);
    if (first === undefined || last === undefined) return;
    this.#collector.skip(first.at, last.at + last.text.length, reason, detail);
  }
}
