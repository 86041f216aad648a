import nock from 'nock';
import { afterAll, afterEach, beforeAll } from 'vitest';

/** Unit tests reach no network but loopback; a nock expectation that never came fails the test that set it. */
beforeAll(() => {
  nock.disableNetConnect();
  nock.enableNetConnect((host) => /^(127\.0\.0\.1|localhost|\[::1\])(:|$)/.test(host));
});

afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  if (pending.length > 0) throw new Error(`expected requests never came: ${pending.join(', ')}`);
});

afterAll(() => {
  nock.restore();
});
