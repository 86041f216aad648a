/**
 * Builds `dist/pinwheel.js`, the one entry of `bin.pinwheel`, with what each command needs in chunks beside it.
 * What the command line needs on every run is bundled, so that starting reads few files; what only the server
 * needs stays in node_modules and is imported when asked for.
 */
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundled = new Set([
  'undici',
  'yaml',
  'valibot',
  'semver',
  're2js',
  'jsonc-parser',
  'toml-eslint-parser',
]);
const { dependencies, version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  dependencies: Record<string, string>;
  version: string;
};
const external = Object.keys(dependencies).filter((name) => !bundled.has(name));

const draft = `dist.${process.pid}`;
await build({
  cwd: root,
  input: { pinwheel: 'src/main.ts' },
  platform: 'node',
  // Some packages offer CommonJS first, wrapped in a way that no bundler can follow.
  resolve: { mainFields: ['module', 'main'] },
  external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
  transform: { define: { PINWHEEL_VERSION: JSON.stringify(version) } },
  logLevel: 'warn',
  output: {
    dir: draft,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    minify: false,
  },
});
// A build that fails leaves the one before it in place.
rmSync(`${root}dist`, { recursive: true, force: true });
renameSync(`${root}${draft}`, `${root}dist`);
