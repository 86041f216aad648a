import type { LookupFunction } from 'node:net';
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { RegistrySettings } from '../../config/registry-settings.ts';
import type { Registry } from '../../resolve/registry.ts';
import { Authenticator } from './authenticator.ts';
import { CredentialLookup } from './credentials.ts';
import { Endpoints } from './endpoint.ts';
import { HttpRegistry } from './http-registry.ts';
import { Transport } from './transport.ts';
import { Wire } from './wire.ts';

/** How patient and how greedy the client is. Times in milliseconds. */
export type RegistryLimits = {
  /** Requests at a time to one host, where its settings name no number. */
  readonly concurrency: number;
  /** How often a request is sent at most, the first time counted. */
  readonly attempts: number;
  /** The first wait before a retry; doubled each time, with jitter. */
  readonly backoffMs: number;
  /** The longest wait before a retry, whoever asks for it. */
  readonly maxWaitMs: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly helperTimeoutMs: number;
  readonly maxManifestBytes: number;
};

const DEFAULT_LIMITS: RegistryLimits = {
  concurrency: 16,
  attempts: 3,
  backoffMs: 300,
  maxWaitMs: 30_000,
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 20_000,
  idleTimeoutMs: 20_000,
  totalTimeoutMs: 300_000,
  helperTimeoutMs: 30_000,
  maxManifestBytes: 4 * 1024 * 1024,
};

export type RegistryOptions = {
  readonly settings: RegistrySettings;
  /** Where credentials, proxies and the home folder are named. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly limits?: Partial<RegistryLimits>;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  readonly random?: () => number;
  /** Waits, or rejects as soon as the signal is aborted. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Name look-up; the addresses it gives are checked before anything connects. */
  readonly lookup?: LookupFunction;
};

/**
 * A pull-only client for container registries (OCI distribution-spec 1.1, Docker Registry v2). Nothing is sent before
 * the first question. One instance serves one pass or a whole process; close it when done.
 */
export function createRegistry(options: RegistryOptions): Registry {
  const { settings, env } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const clock = options.clock ?? Date.now;
  const endpoints = new Endpoints(settings);
  const transport = new Transport({
    ...limits,
    wire: new Wire({ ...limits, env, lookup: options.lookup ?? null }),
    endpoints,
    clock,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? ((ms, signal) => sleepFor(ms, undefined, { signal })),
  });
  const credentials = new CredentialLookup({ env, clock, helperTimeoutMs: limits.helperTimeoutMs });
  const authenticator = new Authenticator({ transport, credentials, endpoints, clock });
  return new HttpRegistry({
    transport,
    authenticator,
    endpoints,
    maxManifestBytes: limits.maxManifestBytes,
  });
}
