import * as v from 'valibot';
import type { Result } from '../../domain/errors.ts';

/** The OCI image configuration (image-spec, config.md), as far as a reviewer cares. Missing parts are empty. */
export type ImageConfig = {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
  readonly created: string | null;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** The shell of RUN and CMD in shell form; empty for the default. */
  readonly shell: readonly string[];
  readonly workdir: string;
  readonly stopSignal: string;
  readonly healthcheck: readonly string[];
  /** `KEY=value` texts by key. */
  readonly env: ReadonlyMap<string, string>;
  /** `8080/tcp`. */
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
};

const text = v.optional(v.nullable(v.string()));
const texts = v.optional(v.nullable(v.array(v.string())));
const keys = v.optional(v.nullable(v.record(v.string(), v.unknown())));

const schema = v.looseObject({
  os: text,
  architecture: text,
  variant: text,
  created: text,
  config: v.optional(
    v.nullable(
      v.looseObject({
        User: text,
        // Docker wrote these as one text before 1.0; both are read.
        Entrypoint: v.optional(v.nullable(v.union([v.string(), v.array(v.string())]))),
        Cmd: v.optional(v.nullable(v.union([v.string(), v.array(v.string())]))),
        Shell: texts,
        WorkingDir: text,
        StopSignal: text,
        Healthcheck: v.optional(v.nullable(v.looseObject({ Test: texts }))),
        Env: texts,
        ExposedPorts: keys,
        Volumes: keys,
        Labels: v.optional(v.nullable(v.record(v.string(), v.nullable(v.string())))),
      }),
    ),
  ),
});

/** Reads an image configuration's JSON. Unknown members are tolerated; a fault says what is malformed. Never throws. */
export function parseImageConfig(json: string): Result<ImageConfig, string> {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    return { ok: false, fault: 'the image configuration is not JSON' };
  }
  if (Array.isArray(document))
    return { ok: false, fault: 'the image configuration is a list, not an object' };
  const parsed = v.safeParse(schema, document);
  if (!parsed.success) {
    const issues = v.summarize(parsed.issues).slice(0, 300);
    return { ok: false, fault: `the image configuration is malformed: ${issues}` };
  }
  const { config, ...image } = parsed.output;
  return {
    ok: true,
    value: {
      os: image.os ?? '',
      architecture: image.architecture ?? '',
      variant: image.variant || null,
      created: image.created || null,
      user: config?.User ?? '',
      entrypoint: words(config?.Entrypoint),
      cmd: words(config?.Cmd),
      shell: config?.Shell ?? [],
      workdir: config?.WorkingDir ?? '',
      stopSignal: config?.StopSignal ?? '',
      healthcheck: config?.Healthcheck?.Test ?? [],
      env: new Map((config?.Env ?? []).map(splitVariable)),
      ports: Object.keys(config?.ExposedPorts ?? {}).sort(),
      volumes: Object.keys(config?.Volumes ?? {}).sort(),
      labels: new Map(Object.entries(config?.Labels ?? {}).map(([key, value]) => [key, value ?? ''])),
    },
  };
}

function words(value: string | readonly string[] | null | undefined): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return value ?? [];
}

function splitVariable(variable: string): readonly [string, string] {
  const equals = variable.indexOf('=');
  return equals < 0 ? [variable, ''] : [variable.slice(0, equals), variable.slice(equals + 1)];
}
