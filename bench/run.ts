/** `npm run bench`: every benchmark, one after the other, each a process of its own. `npm run bench -- rotation` runs one. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';

const benchmarks = ['extraction', 'formats', 'rotation', 'scan', 'server', 'github'] as const;
const root = fileURLToPath(new URL('..', import.meta.url));
const chosen = process.argv.slice(2);
const known = new Set<string>(benchmarks);
const unknown = chosen.filter((name) => !known.has(name));
if (unknown.length > 0) {
  console.error(`unknown benchmark ${unknown.join(', ')}; known: ${benchmarks.join(', ')}`);
  process.exit(1);
}

const { length, 0: first } = cpus();
console.log(
  `${length} × ${first?.model.trim()} · ${Math.round(totalmem() / 2 ** 30)} GiB · ${type()} ${release()} · Node.js ${process.version}`,
);
let failed = false;
for (const name of chosen.length > 0 ? chosen : benchmarks) {
  const file = `${root}bench/${name}.ts`;
  if (!existsSync(file)) continue;
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, [file], { cwd: root, stdio: 'inherit' });
  if (status !== 0) failed = true;
}
process.exitCode = failed ? 1 : 0;
