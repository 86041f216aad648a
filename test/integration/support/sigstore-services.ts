import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fulcioHandler, initializeCA, initializeCTLog } from '@sigstore/mock/dist/fulcio/index.js';
import { initializeTLog } from '@sigstore/mock/dist/rekor/index.js';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { asBytes, trustedRoot } from '../../support/signature/mock-sigstore.ts';

/** Fulcio (v1 and v2) and Rekor (v1) on the loopback, as far as cosign asks them; certificates and log made at run time. */
export type SigstoreServices = {
  readonly url: string;
  readonly root: TrustedRoot;
  /** PEM: the log's key and the authority's root, for cosign 2's environment. */
  readonly logKey: string;
  readonly authority: string;
  /** An identity token for `subject`; nobody checks its signature here. */
  token(subject: string, issuer: string): string;
  close(): Promise<void>;
};

export async function startSigstoreServices(): Promise<SigstoreServices> {
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ctlog = await initializeCTLog(pair());
  const ca = await initializeCA(pair(), ctlog);
  const fulcio = fulcioHandler(ca);
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tlog = await initializeTLog(url, pair());

  const issue = async (request: IncomingMessage, publicKey: string): Promise<readonly string[]> => {
    const oidcIdentityToken = String(request.headers.authorization).replace(/^Bearer /, '');
    const body = {
      credentials: { oidcIdentityToken },
      publicKeyRequest: { publicKey: { content: publicKey } },
    };
    const { response } = await fulcio.fn(JSON.stringify(body));
    return JSON.parse(String(response)).signedCertificateEmbeddedSct.chain.certificates;
  };
  const answer = async (
    request: IncomingMessage,
    body: string,
  ): Promise<readonly [number, string, string, Record<string, string>]> => {
    if (request.url === '/api/v2/signingCert') {
      const certificates = await issue(request, JSON.parse(body).publicKeyRequest.publicKey.content);
      return [
        200,
        'application/json',
        JSON.stringify({ signedCertificateEmbeddedSct: { chain: { certificates } } }),
        {},
      ];
    }
    if (request.url === '/api/v1/signingCert') {
      const key = Buffer.from(JSON.parse(body).publicKey.content, 'base64').toString();
      return [201, 'application/pem-certificate-chain', (await issue(request, key)).join(''), {}];
    }
    if (request.url === '/api/v1/log/entries') {
      const logged = await tlog.log(canonical(JSON.parse(body)));
      const [uuid = ''] = Object.keys(logged);
      return [
        201,
        'application/json',
        JSON.stringify(logged),
        { etag: uuid, location: `/api/v1/log/entries/${uuid}` },
      ];
    }
    return [404, 'text/plain', '', {}];
  };
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      try {
        const [status, type, text, headers] = await answer(request, Buffer.concat(chunks).toString());
        response.writeHead(status, { 'content-type': type, ...headers }).end(text);
      } catch (error) {
        response.writeHead(500).end(String(error));
      }
    });
  });
  const caDer = Buffer.from(asBytes(ca.rootCertificate));
  const logKey = createPublicKey({ key: tlog.publicKey, format: 'der', type: 'spki' });
  return {
    url,
    root: trustedRoot({ ca: caDer, ctlog: ctlog.publicKey, tlog: tlog.publicKey, tsa: [], logUrl: url }),
    logKey: logKey.export({ type: 'spki', format: 'pem' }).toString(),
    authority: `-----BEGIN CERTIFICATE-----\n${caDer.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    token(subject, issuer) {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: issuer, sub: subject, aud: 'sigstore', iat: now, exp: now + 600 };
      return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${Buffer.from('unsigned').toString('base64url')}`;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What Rekor stores of a proposed entry (rekor `dsse` 0.0.1: hashes instead of the envelope). */
function canonical(proposed: ProposedEntry): object {
  if (proposed.kind !== 'dsse') return proposed;
  const { envelope, verifiers } = proposed.spec.proposedContent;
  const parsed: { readonly payload: string; readonly signatures: readonly { readonly sig: string }[] } =
    JSON.parse(envelope);
  const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: { algorithm: 'sha256', value: sha256(envelope) },
      payloadHash: { algorithm: 'sha256', value: sha256(Buffer.from(parsed.payload, 'base64')) },
      signatures: parsed.signatures.map(({ sig }) => ({ signature: sig, verifier: verifiers[0] })),
    },
  };
}

type ProposedEntry = {
  readonly kind: string;
  readonly spec: {
    readonly proposedContent: { readonly envelope: string; readonly verifiers: readonly string[] };
  };
};
