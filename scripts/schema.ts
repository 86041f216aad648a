/**
 * Writes `schema/pinwheel.schema.json`, the JSON Schema of `.github/pinwheel.yml`, from the schema that validates it.
 * `node scripts/schema.ts --check` exits with 1 where the file is not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { repositoryJsonSchema } from './repository-json-schema.ts';

const file = new URL('../schema/pinwheel.schema.json', import.meta.url);
const text = repositoryJsonSchema();
if (process.argv.includes('--check')) {
  const current = readFileSync(file, 'utf8');
  if (current !== text) {
    console.error('schema/pinwheel.schema.json is not current: run "node scripts/schema.ts"');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, text);
}
