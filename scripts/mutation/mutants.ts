import { type ESTree, parseSync } from 'rolldown/utils';

/** Offsets into the text of a file, in UTF-16 units; `end` is the first unit behind. */
export type Span = { readonly start: number; readonly end: number };

/**
 * What an active mutant does. `replace`: the expression `wrap` is evaluated as its text with `edit` applied.
 * `skip`: the statements of `wrap` do not run.
 */
export type Change =
  | { readonly kind: 'replace'; readonly wrap: Span; readonly edit: Span & { readonly text: string } }
  | { readonly kind: 'skip'; readonly wrap: Span };

/** One small fault that a test should notice. */
export type Mutant = {
  /** Unique within a run, counted from 1. */
  readonly id: number;
  /** From the root of the repository: `src/policy/age.ts`. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly mutator: Mutator;
  readonly change: Change;
};

export type Mutator =
  | 'equality'
  | 'boundary'
  | 'logical'
  | 'operand'
  | 'condition'
  | 'negation'
  | 'arithmetic'
  | 'boolean'
  | 'string'
  | 'regex'
  | 'array'
  | 'method'
  | 'optional'
  | 'statement'
  | 'block';

/** What {@link scan} finds in one file: its mutants, and the bodies of its loops, which get a guard against running forever. */
export type Scan = { readonly mutants: readonly Mutant[]; readonly loops: readonly Span[] };

type Found = { readonly mutator: Mutator; readonly change: Change };

const EQUALITY: Readonly<Record<string, string>> = { '===': '!==', '!==': '===', '==': '!=', '!=': '==' };
/** Of each comparison its other boundary first, then its opposite. */
const COMPARISON: Readonly<Record<string, readonly [string, string]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
};
const ARITHMETIC: Readonly<Record<string, string>> = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '+=': '-=',
  '-=': '+=',
  '*=': '/=',
  '/=': '*=',
};
/** Methods that have a counterpart of the same signature. */
const METHODS: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  min: 'max',
  max: 'min',
};
/** Methods whose result is of the kind of what they are called on, so that the call can be left out. */
const DROPPED: ReadonlySet<string> = new Set([
  'filter',
  'sort',
  'toSorted',
  'reverse',
  'toReversed',
  'slice',
  'trim',
  'trimStart',
  'trimEnd',
  'toLowerCase',
  'toUpperCase',
]);
/** A code, a name or a key; a sentence is none, as no test should repeat the wording of messages. */
const CODE = /^[A-Za-z0-9][\w./:@-]*$/;

/**
 * The mutants of one TypeScript file, in the order of its text, numbered from `firstId`. Text of types, imports and
 * messages is left alone. Throws where the text cannot be parsed.
 */
export function scan(file: string, text: string, firstId: number): Scan {
  const { program, errors } = parseSync(file, text, { lang: 'ts', preserveParens: false });
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message ?? 'syntax error'}`);
  const found: Found[] = [];
  const loops: Span[] = [];
  new Walk(text, found, loops).visit(program, null);
  const placed = found.map((one) => ({ ...one, at: placeOf(one.change) }));
  placed.sort((a, b) => a.at - b.at);
  const mutants = placed.map(({ mutator, change, at }, index) => {
    const line = text.slice(0, at).split('\n').length;
    return { id: firstId + index, file, line, mutator, change };
  });
  return { mutants, loops };
}

function placeOf(change: Change): number {
  return change.kind === 'replace' ? change.edit.start : change.wrap.start;
}

type Node = ESTree.Node;

class Walk {
  readonly #text: string;
  readonly #found: Found[];
  readonly #loops: Span[];

  constructor(text: string, found: Found[], loops: Span[]) {
    this.#text = text;
    this.#found = found;
    this.#loops = loops;
  }

  /** `chain`: the optional chain that `node` is a link of; it can only be replaced as a whole. */
  visit(node: Node, parent: Node | null, chain?: Span): void {
    if (node.type.startsWith('Import') && node.type !== 'ImportExpression') return;
    if (node.type.startsWith('TS')) {
      if ('expression' in node && isNode(node.expression)) this.visit(node.expression, parent);
      return;
    }
    this.#mutate(node, parent, chain);
    for (const [key, value] of Object.entries(node)) {
      if (LEFT_ALONE.has(key) || isKey(node, key)) continue;
      for (const child of Array.isArray(value) ? value : [value]) {
        if (isNode(child)) this.visit(child, node, this.#chainOf(node, key, child, chain));
      }
    }
  }

  #chainOf(node: Node, key: string, child: Node, chain: Span | undefined): Span | undefined {
    if (node.type === 'ChainExpression') return spanOf(node);
    const isLink = child.type === 'MemberExpression' || child.type === 'CallExpression';
    return isLink && (key === 'object' || key === 'callee') ? chain : undefined;
  }

  #mutate(node: Node, parent: Node | null, chain: Span | undefined): void {
    switch (node.type) {
      case 'BinaryExpression':
        this.#binary(node);
        return;
      case 'LogicalExpression':
        this.#logical(node);
        return;
      case 'IfStatement':
      case 'ConditionalExpression':
        this.#replace('condition', node.test, 'true');
        this.#replace('condition', node.test, 'false');
        return;
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'ForStatement':
        this.#loops.push(spanOf(node.body));
        if (node.test && node.test.type !== 'Literal') this.#replace('condition', node.test, 'false');
        return;
      case 'ForOfStatement':
      case 'ForInStatement':
        this.#loops.push(spanOf(node.body));
        if (node.body.type === 'BlockStatement') this.#block(node.body);
        return;
      case 'CatchClause':
        this.#block(node.body);
        return;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        if (node.body?.type === 'BlockStatement') this.#block(node.body);
        return;
      case 'UnaryExpression':
        if (node.operator === '!' || node.operator === '-') {
          const mutator = node.operator === '!' ? 'negation' : 'arithmetic';
          this.#edit(mutator, node, { start: node.start, end: node.start + 1, text: '' });
        }
        return;
      case 'UpdateExpression':
        this.#operator('arithmetic', node, node.operator, node.operator === '++' ? '--' : '++', node);
        return;
      case 'AssignmentExpression': {
        const other = ARITHMETIC[node.operator];
        if (other === undefined || isText(node.right)) return;
        this.#operator('arithmetic', node, node.operator, other, between(node.left, node.right));
        return;
      }
      case 'Literal':
        this.#literal(node, parent);
        return;
      case 'ArrayExpression':
        if (node.elements.length > 0) this.#replace('array', node, '[]');
        return;
      case 'MemberExpression':
        this.#optional(node, node.optional, node.object, node.property, node.computed, chain);
        return;
      case 'CallExpression':
        this.#method(node, chain);
        this.#optional(node, node.optional, node.callee, null, true, chain);
        return;
      case 'ExpressionStatement':
        if (hasEffect(node.expression)) this.#skip('statement', node);
        return;
    }
  }

  #binary(node: Node & { readonly type: 'BinaryExpression' }): void {
    const { operator, left, right } = node;
    const gap = between(left, right);
    const equality = EQUALITY[operator];
    if (equality !== undefined) this.#operator('equality', node, operator, equality, gap);
    const comparison = COMPARISON[operator];
    if (comparison !== undefined) {
      this.#operator('boundary', node, operator, comparison[0], gap);
      this.#operator('equality', node, operator, comparison[1], gap);
    }
    const arithmetic = ARITHMETIC[operator];
    if (arithmetic !== undefined && !isText(node))
      this.#operator('arithmetic', node, operator, arithmetic, gap);
  }

  #logical(node: ESTree.LogicalExpression): void {
    const { operator, left, right } = node;
    if (operator === '??') {
      // In parentheses, as `??` must not stand beside `&&` without.
      this.#replace('logical', node, `(${this.#textOf(left)}) && (${this.#textOf(right)})`);
      if (!isEmptyDefault(right)) this.#replace('operand', node, this.#textOf(left));
    } else {
      this.#operator('logical', node, operator, operator === '&&' ? '||' : '&&', between(left, right));
      this.#replace('operand', node, this.#textOf(left));
      this.#replace('operand', node, this.#textOf(right));
    }
  }

  #literal(node: Node & { readonly type: 'Literal' }, parent: Node | null): void {
    if ('regex' in node) {
      const { start, end } = node;
      const { pattern } = node.regex;
      const close = end - 1 - node.regex.flags.length;
      if (pattern.startsWith('^')) this.#edit('regex', node, { start: start + 1, end: start + 2, text: '' });
      if (/(?<!\\)\$$/.test(pattern)) this.#edit('regex', node, { start: close - 1, end: close, text: '' });
    } else if (typeof node.value === 'boolean') {
      this.#replace('boolean', node, String(!node.value));
    } else if (typeof node.value === 'string' && CODE.test(node.value)) {
      const compared = parent?.type === 'BinaryExpression';
      const computed = parent?.type === 'MemberExpression';
      if (!compared && !computed) this.#replace('string', node, "''");
    }
  }

  #method(node: ESTree.CallExpression, chain: Span | undefined): void {
    const { callee } = node;
    if (callee.type !== 'MemberExpression' || callee.computed || callee.property.type !== 'Identifier')
      return;
    const { name, start, end } = callee.property;
    const wrap = chain ?? spanOf(node);
    const other = METHODS[name];
    if (other !== undefined && Object.hasOwn(METHODS, name)) {
      this.#edit('method', wrap, { start, end, text: other });
    } else if (DROPPED.has(name)) {
      const dot = this.#text.lastIndexOf('.', start);
      const from = this.#text[dot - 1] === '?' ? dot - 1 : dot;
      this.#edit('method', wrap, { start: from, end: node.end, text: '' });
    }
  }

  #optional(
    node: Node,
    optional: boolean,
    object: Node,
    property: Node | null,
    computed: boolean,
    chain: Span | undefined,
  ): void {
    if (!optional || chain === undefined) return;
    const start = this.#text.indexOf('?.', object.end);
    if (start < 0 || start > (property ?? node).end) return;
    this.#edit('optional', chain, { start, end: start + 2, text: computed ? '' : '.' });
  }

  /** Leaves out what a block does, unless that is one statement that is left out by itself. */
  #block(block: { readonly start: number; readonly end: number; readonly body: readonly Node[] }): void {
    const [first] = block.body;
    if (first === undefined) return;
    if (block.body.length === 1 && first.type === 'ExpressionStatement' && hasEffect(first.expression))
      return;
    this.#skip('block', { start: block.start + 1, end: block.end - 1 });
  }

  #operator(mutator: Mutator, wrap: Span, operator: string, other: string, within: Span): void {
    const start = this.#text.indexOf(operator, within.start);
    this.#edit(mutator, wrap, { start, end: start + operator.length, text: other });
  }

  #replace(mutator: Mutator, node: Span, text: string): void {
    this.#edit(mutator, node, { ...spanOf(node), text });
  }

  #edit(mutator: Mutator, wrap: Span, edit: Span & { readonly text: string }): void {
    this.#found.push({ mutator, change: { kind: 'replace', wrap: spanOf(wrap), edit } });
  }

  #skip(mutator: Mutator, wrap: Span): void {
    this.#found.push({ mutator, change: { kind: 'skip', wrap: spanOf(wrap) } });
  }

  #textOf({ start, end }: Span): string {
    return this.#text.slice(start, end);
  }
}

/** Types, and what no expression may stand in for. */
const LEFT_ALONE: ReadonlySet<string> = new Set([
  'typeAnnotation',
  'typeParameters',
  'typeArguments',
  'returnType',
  'implements',
  'source',
  'specifiers',
  'attributes',
  'directive',
]);

function isKey(node: Node, key: string): boolean {
  if (node.type === 'Property' || node.type === 'PropertyDefinition' || node.type === 'MethodDefinition') {
    return key === 'key' && !node.computed;
  }
  if (node.type === 'MemberExpression') return key === 'property' && !node.computed;
  return node.type === 'AssignmentExpression' && key === 'left';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}

function between(left: Span, right: Span): Span {
  return { start: left.end, end: right.start };
}

/** Whether `+` joins text here. */
function isText(node: Node): boolean {
  if (node.type === 'TemplateLiteral') return true;
  if (node.type === 'Literal') return typeof node.value === 'string';
  return (
    node.type === 'BinaryExpression' && node.operator === '+' && (isText(node.left) || isText(node.right))
  );
}

/** `''`, `0`, `[]`, `null`, …: where the types ask for a default that a value is always there instead of. */
function isEmptyDefault(node: Node): boolean {
  if (node.type === 'ArrayExpression') return node.elements.length === 0;
  if (node.type === 'ObjectExpression') return node.properties.length === 0;
  if (node.type === 'Identifier') return node.name === 'undefined';
  return node.type === 'Literal' && !node.value;
}

function hasEffect(node: Node): boolean {
  if (node.type === 'AwaitExpression') return hasEffect(node.argument);
  if (node.type === 'CallExpression') return node.callee.type !== 'Super';
  return ['AssignmentExpression', 'UpdateExpression', 'YieldExpression', 'ChainExpression'].includes(
    node.type,
  );
}
