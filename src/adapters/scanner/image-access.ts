import type { ScanSubject } from '../../assess/scanner.ts';
import type { RegistrySettings } from '../../config/registry-settings.ts';
import { CredentialLookup } from '../registry/credentials.ts';
import { Endpoints, remoteName } from '../registry/endpoint.ts';

/** How an external program reaches one image in its registry. */
export type ImageAccess = {
  /** `host/repository@sha256:…`, with a mirror's host and prefix where the operator set one. */
  readonly reference: string;
  readonly host: string;
  readonly plainHttp: boolean;
  readonly credentials: RegistryCredentials | null;
  /** PEM certificates to trust besides the system's. */
  readonly ca: string | null;
};

export type RegistryCredentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'identity'; readonly token: string };

/** Answers how scanners reach an image. */
export type FindImageAccess = (subject: ScanSubject) => Promise<ImageAccess>;

const HELPER_TIMEOUT_MS = 30_000;

/**
 * How scanners reach images: the same endpoints and credentials as Pinwheel's own registry client uses. An image is only
 * ever scanned after that client read its manifest from the same host, so the rules on hosts and private addresses were
 * applied before a scanner hears its name.
 */
export function imageAccess(
  settings: RegistrySettings,
  env: Readonly<Record<string, string | undefined>>,
): FindImageAccess {
  const endpoints = new Endpoints(settings);
  const credentials = new CredentialLookup({ env, clock: Date.now, helperTimeoutMs: HELPER_TIMEOUT_MS });
  return async (subject) => {
    const endpoint = endpoints.of(subject.registry);
    const name = remoteName(endpoint, subject);
    const { credential } = await credentials.find(endpoint, name);
    const { policy } = endpoint;
    return {
      reference: `${policy.name}/${name}@${subject.digest}`,
      host: policy.name,
      plainHttp: policy.plainHttp,
      credentials: credential,
      ca: policy.ca,
    };
  };
}
