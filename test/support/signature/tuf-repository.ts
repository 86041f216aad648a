import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A TUF repository on the loopback (TUF specification 1.0), with one target. */
export type TufRepository = {
  readonly url: string;
  /** The first root, as an operator would have been given it. */
  readonly root: string;
  /** Publishes another text of the target, and raises the versions. */
  publish(text: string): void;
  close(): Promise<void>;
};

export async function startTufRepository(target: string, text: string): Promise<TufRepository> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
  const key = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: raw } };
  const keyid = createHash('sha256').update(canonical(key)).digest('hex');
  const signed = (body: object): string => {
    const full = { spec_version: '1.0.31', expires: '2099-01-01T00:00:00Z', ...body };
    const sig = sign(null, Buffer.from(canonical(full)), privateKey).toString('hex');
    return JSON.stringify({ signed: full, signatures: [{ keyid, sig }] });
  };
  const role = { keyids: [keyid], threshold: 1 };
  const roles = { root: role, timestamp: role, snapshot: role, targets: role };
  const root = signed({
    _type: 'root',
    version: 1,
    consistent_snapshot: true,
    keys: { [keyid]: key },
    roles,
  });
  const files = new Map<string, string>();
  let version = 0;
  const publish = (content: string): void => {
    version += 1;
    const sha256 = createHash('sha256').update(content).digest('hex');
    const length = Buffer.byteLength(content);
    files.set(`/targets/${sha256}.${target}`, content);
    files.set(
      `/${version}.targets.json`,
      signed({ _type: 'targets', version, targets: { [target]: { length, hashes: { sha256 } } } }),
    );
    files.set(
      `/${version}.snapshot.json`,
      signed({ _type: 'snapshot', version, meta: { 'targets.json': { version } } }),
    );
    files.set(
      '/timestamp.json',
      signed({ _type: 'timestamp', version, meta: { 'snapshot.json': { version } } }),
    );
  };
  publish(text);
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    response.writeHead(file === undefined ? 404 : 200).end(file ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    root,
    publish,
    async close() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Canonical JSON as TUF signs it: keys sorted, no blanks. Plain ASCII only. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}
