import * as v from 'valibot';
import { ScannerError } from '../../assess/scanner.ts';

/**
 * Parses what a scanner printed by a schema. Throws {@link ScannerError} `malformed-output` that names the program and
 * what is missing or wrong; unknown members are tolerated by the schemas.
 */
export function readJson<Schema extends v.GenericSchema>(
  program: string,
  text: string,
  schema: Schema,
): v.InferOutput<Schema> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    const said = text.trim() === '' ? 'printed nothing' : 'did not print JSON';
    throw new ScannerError({ code: 'malformed-output', message: `${program} ${said}`, cause });
  }
  const parsed = v.safeParse(schema, document, { abortPipeEarly: true });
  if (parsed.success) return parsed.output;
  const issues = parsed.issues
    .slice(0, 3)
    .map((issue) => `${v.getDotPath(issue) ?? 'document'}: ${issue.message}`)
    .join('; ');
  throw new ScannerError({
    code: 'malformed-output',
    message: `${program} printed a report Pinwheel cannot read: ${issues.slice(0, 400)}`,
  });
}

/** A text that may be missing or null. */
export const optionalText = v.optional(v.nullable(v.string()));
