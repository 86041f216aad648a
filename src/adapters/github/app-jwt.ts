import { createPrivateKey, createSign, type KeyObject } from 'node:crypto';
import { GitHubError } from './errors.ts';

/**
 * The JSON Web Token an App authenticates with: RS256, issued a minute ago (clocks drift), good for nine minutes
 * (GitHub allows ten). `appId` is the App's id or client id; `now` in milliseconds.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
export function signAppToken(appId: string, key: KeyObject, now: number): string {
  const seconds = Math.floor(now / 1000);
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({
    iat: seconds - 60,
    exp: seconds + 540,
    iss: appId,
  })}`;
  return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(key, 'base64url')}`;
}

/**
 * The App's private key from PEM text. Takes real line ends, `\n` written out (as `.env` files have it), base64 of
 * the whole PEM, and quotes around it all (as `docker run --env-file` leaves them). Throws {@link GitHubError}
 * `unauthorized`; never quotes the key.
 */
export function readPrivateKey(text: string): KeyObject {
  const unescaped = text
    .trim()
    .replace(/^(['"])(.*)\1$/s, '$2')
    .replaceAll('\\n', '\n');
  const pem = unescaped.includes('-----BEGIN')
    ? unescaped
    : Buffer.from(unescaped, 'base64').toString('utf8');
  const key = privateKeyOf(pem);
  if (key?.asymmetricKeyType === 'rsa') return key;
  throw new GitHubError({
    code: 'unauthorized',
    message:
      'the GitHub App private key cannot be read (PRIVATE_KEY, or the file named by PRIVATE_KEY_PATH): use the PEM text of the RSA key from the App page, or that PEM in base64',
  });
}

function privateKeyOf(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}
