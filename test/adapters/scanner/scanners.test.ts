import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AUTO_ORDER, SCANNERS } from '../../../src/adapters/scanner/scanners.ts';
import { misspelledVariables } from '../../../src/config/environment.ts';
import { SCANNER_CHOICES, SCANNER_NAMES, SCANNER_VARIABLES } from '../../../src/domain/scanner-name.ts';

describe('the table of scanners', () => {
  const page = readFileSync(new URL('../../../docs/scanning.md', import.meta.url), 'utf8');

  it('is the one that docs/scanning.md shows', () => {
    expect(page).toContain(`\n\n${scannerTable()}\n\n`);
  });

  it('has every choice in the commented settings of docs/scanning.md', () => {
    const [auto, ...others] = SCANNER_CHOICES;
    expect(page).toContain(`scanner: auto          # ${auto} (${AUTO_ORDER}), ${others.join(', ')}\n`);
  });

  it.each(Object.values(SCANNER_VARIABLES))('%s is a variable that is known', (name) => {
    expect(misspelledVariables({ [name]: 'x' })).toEqual([]);
    expect(misspelledVariables({ [`${name}X`]: 'x' })).toEqual([expect.stringContaining(`mean ${name}?`)]);
  });
});

/** The table of docs/scanning.md. */
function scannerTable(): string {
  const rows = SCANNER_NAMES.map((name) => {
    const row = SCANNERS[name];
    const variable = SCANNER_VARIABLES[name];
    const found =
      row.kind === 'program'
        ? `\`PATH\`, or \`${variable}\``
        : `only if configured; \`${variable}\` changes its address`;
    const cells = [
      `\`${name}\``,
      `[${row.title}](${row.home})${row.versions === null ? '' : ` ${row.versions}`}`,
      found,
      row.reads.join(', '),
      row.database === 'dated' ? 'until its database changes' : 'no: its database has no date',
      row.note,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| `scanner` | Scanner | How it is found | Reads | Reports kept | Notes |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
