import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AUTO_ORDER, scannerTable } from '../../../src/adapters/scanner/scanners.ts';
import { misspelledVariables } from '../../../src/config/environment.ts';
import { SCANNER_CHOICES, SCANNER_VARIABLES } from '../../../src/domain/scanner-name.ts';

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
