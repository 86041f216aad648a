/**
 * Writes what is generated of the documentation: the table of `docs/formats.md`, from the formats themselves.
 * `node scripts/docs.ts --check` exits with 1 where the file is not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { withFormatTable } from './format-table.ts';

const file = new URL('../docs/formats.md', import.meta.url);
const current = readFileSync(file, 'utf8');
const text = withFormatTable(current);
if (process.argv.includes('--check')) {
  if (current !== text) {
    console.error('docs/formats.md is not current: run "npm run docs"');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, text);
}
