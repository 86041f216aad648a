import type { KeySource, VerificationKey } from '../../assess/signature.ts';
import { messageOf } from '../../domain/errors.ts';

const MAX_BYTES = 64 * 1024;
const TIMEOUT = 10_000;

export type LoadedKeys = {
  readonly keys: readonly VerificationKey[];
  /** Keys that could not be had, sentences. */
  readonly gaps: readonly string[];
};

/**
 * Reads the public keys that trust rules name: in place, from a file of the repository, or from where a preset's
 * publisher keeps it (https only; only presets name URLs, never a repository's file). Never throws: what fails is a gap.
 */
export async function loadKeys(
  sources: readonly KeySource[],
  readFile: (path: string) => Promise<Uint8Array>,
): Promise<LoadedKeys> {
  const loaded = await Promise.all(sources.map((source) => loadKey(source, readFile)));
  return {
    keys: loaded.flatMap((result) => ('pem' in result ? [result] : [])),
    gaps: loaded.flatMap((result) => ('gap' in result ? [result.gap] : [])),
  };
}

async function loadKey(
  source: KeySource,
  readFile: (path: string) => Promise<Uint8Array>,
): Promise<VerificationKey | { readonly gap: string }> {
  try {
    return { name: source.name, pem: checkPem(await readPem(source, readFile)) };
  } catch (error) {
    const message = messageOf(error);
    return { gap: `the key "${source.name}" cannot be read: ${message}` };
  }
}

async function readPem(source: KeySource, readFile: (path: string) => Promise<Uint8Array>): Promise<string> {
  if (source.from === 'pem') return source.pem;
  if (source.from === 'file') return new TextDecoder().decode(await readFile(source.path));
  const { EnvHttpProxyAgent, request } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({ maxResponseSize: MAX_BYTES });
  try {
    const { statusCode, body } = await request(source.url, {
      dispatcher,
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${source.url} answered ${statusCode}`);
    return text;
  } finally {
    await dispatcher.destroy();
  }
}

function checkPem(text: string): string {
  if (text.length <= MAX_BYTES && text.includes('-----BEGIN PUBLIC KEY-----')) return text;
  throw new Error('expected a PEM public key ("-----BEGIN PUBLIC KEY-----")');
}
