import type { SignatureFaultCode } from '../../assess/signature.ts';

export type VerificationFault = { readonly code: SignatureFaultCode; readonly detail: string };

/**
 * What an error of `@sigstore/verify` means. Its codes are documented in its `error.d.ts`; where one code stands for
 * several things, the cause chain tells. Anything else thrown is `malformed`.
 */
export function toFault(error: unknown): VerificationFault {
  const code = codeOf(error);
  const detail = say(error);
  switch (code) {
    case 'SIGNATURE_ERROR':
      return { code: 'tampered', detail: 'the signature does not match the content' };
    case 'TLOG_BODY_ERROR':
      if (detail.includes('unsupported')) return { code: 'malformed', detail: `log entry: ${detail}` };
      return { code: 'tampered', detail: `the log entry is for something else: ${detail}` };
    case 'TLOG_ERROR':
    case 'TLOG_INCLUSION_PROOF_ERROR':
    case 'TLOG_INCLUSION_PROMISE_ERROR':
    case 'TLOG_MISSING_INCLUSION_ERROR':
      return { code: 'invalid-log-entry', detail: `the log entry cannot be verified: ${detail}` };
    case 'TIMESTAMP_ERROR':
      return { code: 'invalid-timestamp', detail: `the timestamp cannot be verified: ${detail}` };
    case 'PUBLIC_KEY_ERROR':
      return { code: 'unknown-key', detail };
    case 'CERTIFICATE_ERROR':
      return detail.includes('expired')
        ? { code: 'expired-certificate', detail: 'the certificate was not valid when it signed' }
        : { code: 'untrusted-root', detail: `the certificate does not chain to a trusted root: ${detail}` };
    default:
      return { code: 'malformed', detail };
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
}

/** The message and those of its causes. */
function say(error: unknown): string {
  const messages: string[] = [];
  let current = error;
  while (current instanceof Error && messages.length < 4) {
    messages.push(current.message);
    current = current.cause;
  }
  return messages.length === 0 ? String(error) : messages.join(': ');
}
