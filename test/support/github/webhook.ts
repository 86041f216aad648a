import { createHmac, randomUUID } from 'node:crypto';

export type Delivery = {
  readonly url: string;
  readonly secret: string;
  readonly event: string;
  readonly payload: object;
  /** Given to send the same delivery twice. */
  readonly id?: string;
};

/** Sends a webhook as GitHub does: signed with the secret, named by event and delivery. */
export function deliver(delivery: Delivery): Promise<Response> {
  const body = JSON.stringify(delivery.payload);
  return fetch(delivery.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/pinwheel',
      'x-github-event': delivery.event,
      'x-github-delivery': delivery.id ?? randomUUID(),
      'x-hub-signature-256': sign(delivery.secret, body),
    },
    body,
  });
}

/** The value of `X-Hub-Signature-256` for a body. */
export function sign(secret: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
