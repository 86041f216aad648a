import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

type Json = Record<string, unknown>;

/** An operation of GitHub's REST API that a request belongs to. */
export type Operation = { readonly method: string; readonly template: string; readonly spec: Json };

// These take slashes.
const GREEDY = new Set(['ref', 'path', 'basehead']);

/**
 * GitHub's published description of its REST API, as a judge of requests and answers. Schemas are compiled when first
 * needed, from the parts they refer to alone; OpenAPI 3.0's `nullable` is rewritten for JSON Schema.
 */
export class GitHubApi {
  readonly #document: Json;
  readonly #routes: readonly {
    readonly template: string;
    readonly pattern: RegExp;
    readonly weight: number;
  }[];
  readonly #ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor() {
    const require = createRequire(import.meta.url);
    const file = require.resolve('@octokit/openapi/package.json').replace('package.json', '');
    this.#document = JSON.parse(readFileSync(`${file}generated/api.github.com.json`, 'utf8'));
    addFormats.default(this.#ajv);
    for (const format of ['repo.nwo', 'timestamp', 'ssh-key', 'github-app-permissions', 'binary', 'int64']) {
      this.#ajv.addFormat(format, true);
    }
    this.#routes = Object.keys(record(this.#document['paths']))
      .map((template) => ({ template, pattern: patternOf(template), weight: weightOf(template) }))
      .sort((a, b) => b.weight - a.weight);
  }

  /** The operation a method and path belong to; null where GitHub has none such. */
  operation(method: string, path: string): Operation | null {
    for (const route of this.#routes) {
      if (!route.pattern.test(path)) continue;
      const spec = record(record(this.#document['paths'])[route.template])[method.toLowerCase()];
      if (spec !== undefined) return { method, template: route.template, spec: record(spec) };
    }
    return null;
  }

  /** What is wrong with a request, one sentence each: unknown query parameters, a body that is not of the schema. */
  requestFaults(operation: Operation, query: URLSearchParams, body: unknown): readonly string[] {
    const faults: string[] = [];
    const parameters = list(operation.spec['parameters']).map((one) => this.#resolve(one));
    const known = new Map(
      parameters.filter((one) => one['in'] === 'query').map((one) => [String(one['name']), one]),
    );
    for (const [name, value] of query) {
      const parameter = known.get(name);
      if (parameter === undefined) {
        faults.push(`query parameter ${name} is not one of ${[...known.keys()].join(', ')}`);
        continue;
      }
      const schema = record(parameter['schema']);
      const typed =
        schema['type'] === 'integer'
          ? Number(value)
          : schema['type'] === 'boolean'
            ? value === 'true'
            : value;
      faults.push(...this.#check(`${operation.method} ${operation.template} ?${name}`, schema, typed));
    }
    const wanted = operation.spec['requestBody'];
    if (wanted !== undefined && body !== undefined) {
      const schema = schemaOf(this.#resolve(wanted));
      if (schema !== null)
        faults.push(...this.#check(`${operation.method} ${operation.template} body`, schema, body));
    }
    if (body === undefined && wanted !== undefined && this.#resolve(wanted)['required'] === true) {
      faults.push('the body is missing');
    }
    return faults;
  }

  /** What is wrong with an answer: a status GitHub does not document, a body that is not of the schema. */
  answerFaults(operation: Operation, status: number, body: unknown): readonly string[] {
    const answers = record(operation.spec['responses']);
    const answer = answers[String(status)];
    if (answer === undefined) {
      return status >= 400 ? [] : [`status ${status} is not one of ${Object.keys(answers).join(', ')}`];
    }
    const schema = schemaOf(this.#resolve(answer));
    if (schema === null || body === undefined) return [];
    return this.#check(`${operation.method} ${operation.template} ${status}`, schema, body);
  }

  #check(name: string, schema: Json, value: unknown): readonly string[] {
    let validate = this.#compiled.get(name);
    if (validate === undefined) {
      validate = this.#ajv.compile(this.#standalone(schema));
      this.#compiled.set(name, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? [])
      .slice(0, 12)
      .map((error) => `${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`);
  }

  /** The schema with all that it refers to, under `$defs`. */
  #standalone(schema: Json): Json {
    const defs: Json = {};
    const convert = (node: unknown): unknown => {
      if (Array.isArray(node)) return node.map(convert);
      if (typeof node !== 'object' || node === null) return node;
      const copy: Json = {};
      for (const [key, value] of Object.entries(node)) {
        if (key === 'example' || key === 'examples' || key === 'description') continue;
        if (key === '$ref' && typeof value === 'string') {
          const name = value.slice(value.lastIndexOf('/') + 1);
          if (!(name in defs)) {
            defs[name] = true;
            defs[name] = convert(this.#resolve({ $ref: value }));
          }
          copy[key] = `#/$defs/${name}`;
        } else {
          // Under `properties` a key is a name, and may be called anything.
          copy[key] =
            key === 'properties' && typeof value === 'object' && value !== null
              ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, convert(inner)]))
              : convert(value);
        }
      }
      // An account is one or the other; the generated file merges the two alternatives into both at once.
      const titles = list(copy['allOf']).map((part) => record(part)['title']);
      if (titles.includes('Simple User') && titles.includes('Enterprise')) {
        copy['anyOf'] = copy['allOf'];
        delete copy['allOf'];
      }
      if (copy['nullable'] !== true) return copy;
      delete copy['nullable'];
      return { anyOf: [{ type: 'null' }, copy] };
    };
    return { ...record(convert(schema)), $defs: defs };
  }

  #resolve(node: unknown): Json {
    const reference = record(node)['$ref'];
    if (typeof reference !== 'string') return record(node);
    let at: unknown = this.#document;
    for (const part of reference.slice(2).split('/')) {
      at = record(at)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
    }
    return this.#resolve(at);
  }
}

function schemaOf(holder: Json): Json | null {
  const content = record(holder['content'] ?? {});
  const media = content['application/json'] ?? content['application/scim+json'];
  return media === undefined ? null : record(record(media)['schema']);
}

function patternOf(template: string): RegExp {
  const parts = template.split('/').map((part) => {
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (name === undefined) return part.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+');
    return GREEDY.has(name) ? '.+' : '[^/]+';
  });
  return new RegExp(`^${parts.join('/')}$`);
}

/** More literal parts first, so that `/a/b` wins over `/a/{x}`, and a part that takes slashes comes last. */
function weightOf(template: string): number {
  const parts = template.split('/');
  const literal = parts.filter((part) => !part.includes('{')).length;
  return literal * 100 + parts.length;
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
