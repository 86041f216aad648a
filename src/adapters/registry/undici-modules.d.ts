/**
 * Undici's index loads fetch, WebSocket, caches and mocks (about 50 ms and 28 MB); this one of its own files is all
 * the registry client needs without a proxy (about half of both). It has no declarations of its own.
 */
declare module 'undici/lib/dispatcher/pool.js' {
  import { Pool } from 'undici';

  export = Pool;
}
