#!/usr/bin/env node
/**
 * The entry of `bin.pinwheel`. It only makes sure that the Node.js it runs on is one that Pinwheel supports, then
 * loads the command line: nothing is imported here that an older Node.js could stumble over.
 */
import { runningOnSupportedNode } from './cli/node-version.ts';

if (runningOnSupportedNode(process.versions.node)) {
  const { runMain } = await import('./cli/main.ts');
  await runMain();
} else {
  const { runOnNewerNode } = await import('./cli/newer-node.ts');
  runOnNewerNode();
}
