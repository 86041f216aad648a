import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { ScanCache, ScannerReport } from '../../assess/scanner.ts';
import { SCANNER_NAMES } from '../../domain/scanner-name.ts';
import type { OsvCache } from './osv.ts';

const finding = v.strictObject({
  id: v.string(),
  aliases: v.array(v.string()),
  package: v.string(),
  purl: v.string(),
  location: v.nullable(v.string()),
  installed: v.string(),
  fixedIn: v.nullable(v.string()),
  severity: v.picklist(['critical', 'high', 'medium', 'low', 'negligible', 'unknown']),
  severitySource: v.nullable(v.string()),
  title: v.string(),
  url: v.nullable(v.string()),
});

const reportSchema = v.strictObject({
  scanner: v.strictObject({
    name: v.picklist(SCANNER_NAMES),
    version: v.string(),
    database: v.nullable(v.string()),
  }),
  findings: v.array(finding),
  packages: v.nullable(
    v.array(v.object({ name: v.string(), version: v.string(), type: v.string(), purl: v.string() })),
  ),
  os: v.nullable(v.strictObject({ id: v.string(), version: v.string() })),
});

const entrySchema = v.strictObject({ key: v.string(), text: v.string() });

/**
 * Texts by key in the files of a folder, made on first use (mode 0700). Written whole or not at all; a file that is
 * damaged, of another key or unreadable counts as missing, and a failure to write is none: losing the cache costs time.
 */
export class FileCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(key: string): Promise<string | null> {
    try {
      const parsed = v.safeParse(entrySchema, JSON.parse(await readFile(this.#path(key), 'utf8')));
      return parsed.success && parsed.output.key === key ? parsed.output.text : null;
    } catch {
      return null;
    }
  }

  async set(key: string, text: string): Promise<void> {
    const path = this.#path(key);
    const draft = `${path}.${randomUUID()}.tmp`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(JSON.stringify({ key, text }));
      } finally {
        await file.close();
      }
      await rename(draft, path);
    } catch {
      await rm(draft, { force: true }).catch(() => undefined);
    }
  }

  #path(key: string): string {
    return join(this.#folder, `${createHash('sha256').update(key).digest('hex')}.json`);
  }
}

/** Reports kept in files, from one run of the program to the next. */
export function fileScanCache(folder: string): ScanCache {
  const files = new FileCache(folder);
  return {
    get: async (key) => {
      const text = await files.get(key);
      return text === null ? null : readReport(text);
    },
    set: (key, report) => files.set(key, JSON.stringify(report)),
  };
}

/** OSV's vulnerability texts kept in files. */
export function fileOsvCache(folder: string): OsvCache {
  return new FileCache(folder);
}

function readReport(text: string): ScannerReport | null {
  try {
    const parsed = v.safeParse(reportSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
