import { toJsonSchema } from '@valibot/to-json-schema';
import { repositorySchema } from '../src/config/schema/repository.ts';

/**
 * The JSON Schema (draft-07) of `.github/pinwheel.yml` as text, from the schema that validates it. What JSON Schema cannot
 * say (cron fields, time zones, real days) is left out: it accepts a little more than Pinwheel does, never less.
 */
export function repositoryJsonSchema(): string {
  const schema = toJsonSchema(repositorySchema, { typeMode: 'input', errorMode: 'ignore' });
  const { $schema, ...rest } = schema;
  const whole = {
    $schema: $schema ?? 'http://json-schema.org/draft-07/schema#',
    title: 'Pinwheel: .github/pinwheel.yml',
    ...rest,
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}
