/**
 * Undici's index loads fetch, WebSocket, caches and mocks (about 50 ms and 28 MB); these two of its own files are all
 * the registry client needs (about half of both). They have no declarations of their own.
 */
declare module 'undici/lib/dispatcher/pool.js' {
  import { Pool } from 'undici';

  export = Pool;
}

declare module 'undici/lib/dispatcher/proxy-agent.js' {
  import { ProxyAgent } from 'undici';

  export = ProxyAgent;
}
