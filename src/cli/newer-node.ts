import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SUPPORTED_NODE } from './node-version.ts';

/**
 * Runs this command again on the Node.js that the checkout brought along (the `node` package), so that a machine whose
 * own Node.js is past its end of life still works. Without one: a clear error and exit code 1.
 */
export function runOnNewerNode(): void {
  const node = bundledNode(dirname(fileURLToPath(import.meta.url)));
  if (node === null) {
    process.stderr.write(
      `pinwheel needs Node.js ${SUPPORTED_NODE}; this is ${process.versions.node}. Install a current Node.js and run it again.\n`,
    );
    process.exitCode = 1;
    return;
  }
  // The IPC channel tells the child when this process dies in a way that cannot be forwarded (SIGKILL).
  const child = spawn(node, process.argv.slice(1), { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    process.stderr.write(`pinwheel could not start ${node}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
    process.exit();
  });
}

function bundledNode(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', 'node', 'bin', 'node');
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return null;
  }
}
