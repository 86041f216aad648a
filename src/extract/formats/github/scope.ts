import { GITHUB } from '../../interpolation/dialects.ts';
import { namesIn, type ValuesScope, type VariableScope } from '../../interpolation/interpolate.ts';
import type { MappedText } from '../../readers/mapped-text.ts';
import type { ConfigNode, MapNode } from '../../readers/node.ts';

/** What a workflow, job or step can read: `inputs`, `matrix`, `env`; and both ways to ask for it. */
export type WorkflowScope = {
  readonly inputs: ReadonlyMap<string, MappedText>;
  readonly matrix: ReadonlyMap<string, readonly MappedText[]>;
  /** Values of the matrix that come together: the maps under `include` and in lists of maps. */
  readonly rows: readonly ReadonlyMap<string, MappedText>[];
  readonly env: VariableScope;
  /** `${{ env.NAME }}` and the like. */
  readonly expression: ValuesScope;
  /** `$NAME` in a script. */
  readonly shell: VariableScope;
};

/** The scope of a workflow or action: its inputs' defaults and its environment. */
export function workflowScope(root: MapNode): WorkflowScope {
  const inputs = new Map<string, MappedText>();
  const on = root.map('on');
  const declared = [
    root.map('inputs'),
    on?.map('workflow_dispatch')?.map('inputs'),
    on?.map('workflow_call')?.map('inputs'),
  ];
  for (const map of declared) {
    for (const { key, value } of map?.entries ?? []) {
      const fallback = value.kind === 'map' ? value.text('default') : undefined;
      if (fallback !== undefined) inputs.set(key.text.value, fallback.text);
    }
  }
  return withEnvironment(
    scopeOf({ inputs, matrix: new Map(), rows: [] }, () => undefined),
    root.map('env'),
  );
}

/** The scope of a job: the workflow's, its matrix and its environment. */
export function jobScope(job: MapNode, outer: WorkflowScope): WorkflowScope {
  const matrix = new Map<string, MappedText[]>();
  const rows: ReadonlyMap<string, MappedText>[] = [];
  const node = job.map('strategy')?.map('matrix');
  for (const { key, value } of node?.merged() ?? []) {
    const name = key.text.value;
    if (name === 'exclude' || value.kind !== 'list') continue;
    for (const item of value.items) {
      const row = new Map<string, MappedText[]>();
      addValues(row, name === 'include' ? '' : name, item);
      for (const [key, values] of row) {
        const known = matrix.get(key);
        if (known === undefined) matrix.set(key, values);
        else known.push(...values);
      }
      if (row.size > 1 && rows.length < ROW_LIMIT)
        rows.push(new Map([...row].flatMap(([key, [value]]) => (value ? [[key, value]] : []))));
    }
  }
  return withEnvironment(scopeOf({ inputs: outer.inputs, matrix, rows }, outer.env), job.map('env'));
}

/** A scope with more environment, which hides what it had of the same name. */
export function withEnvironment(outer: WorkflowScope, env: MapNode | undefined): WorkflowScope {
  if (env === undefined) return outer;
  const inner: VariableScope = (name) => env.text(name)?.text ?? outer.env(name);
  return scopeOf(outer, inner);
}

/** A matrix value: a text under its name, or a map's texts under `name.key`. */
function addValues(matrix: Map<string, MappedText[]>, name: string, item: ConfigNode): void {
  if (item.kind === 'text' && name !== '') {
    const values = matrix.get(name) ?? [];
    values.push(item.text);
    matrix.set(name, values);
  } else if (item.kind === 'map' && name.split('.').length < 4) {
    for (const { key, value } of item.entries) {
      addValues(matrix, name === '' ? key.text.value : `${name}.${key.text.value}`, value);
    }
  }
}

/**
 * The ways to read a text: one for each row of the matrix that gives all the values it asks for, where it asks for
 * several (`${{ matrix.image }}@${{ matrix.digest }}`); else one.
 */
export function expressionsFor(scope: WorkflowScope, text: string): readonly ValuesScope[] {
  if (scope.rows.length === 0) return [scope.expression];
  const asked = [...namesIn(text, GITHUB)].filter((name) => name.startsWith(MATRIX));
  const names = asked.map((name) => name.slice(MATRIX.length));
  const rows = names.length < 2 ? [] : scope.rows.filter((row) => names.every((name) => row.has(name)));
  if (rows.length === 0) return [scope.expression];
  return rows.map((row) => (expression) => {
    const value = expression.startsWith(MATRIX) ? row.get(expression.slice(MATRIX.length)) : undefined;
    return value === undefined ? scope.expression(expression) : [value];
  });
}

/** More rows than this are not followed: a matrix of images has a handful. */
const ROW_LIMIT = 64;

const MATRIX = 'matrix.';

function scopeOf(
  { inputs, matrix, rows }: Pick<WorkflowScope, 'inputs' | 'matrix' | 'rows'>,
  env: VariableScope,
): WorkflowScope {
  const expression: ValuesScope = (text) => {
    const dot = text.indexOf('.');
    const [area, name] = [text.slice(0, dot), text.slice(dot + 1)];
    if (area === 'matrix') return matrix.get(name);
    const input = area === 'inputs' ? name : text.startsWith('github.event.inputs.') ? text.slice(20) : null;
    const one = area === 'env' ? env(name) : input === null ? undefined : inputs.get(input);
    return one === undefined ? undefined : [one];
  };
  return { inputs, matrix, rows, env, expression, shell: env };
}
