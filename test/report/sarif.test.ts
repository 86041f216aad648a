import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { sarifLog } from '../../src/report/sarif.ts';
import { SARIF_SCHEMA } from '../support/sarif-schema.ts';

const validate = new Ajv({ allErrors: true }).compile(SARIF_SCHEMA);
const tool = { name: 'Pinwheel', version: '1.0.0', informationUri: 'https://example.org' };

describe('sarifLog', () => {
  it('is valid SARIF 2.1.0, with every result pointing at its rule', () => {
    const log = sarifLog({
      tool,
      category: 'pinwheel/scan/',
      rules: [
        {
          id: 'CVE-2',
          description: 'second',
          level: 'error',
          securitySeverity: 9.8,
          tags: ['security', 'security'],
        },
        { id: 'CVE-2', description: 'again', level: 'note' },
        { id: 'CVE-1', description: '', level: 'warning', helpUri: 'not a url' },
      ],
      results: [
        {
          ruleId: 'CVE-2',
          level: 'error',
          message: 'openssl 3.0.11',
          path: 'docker/a b:c/Dockerfile',
          line: 0,
          fingerprint: 'f1',
          baselineState: 'new',
          properties: { package: 'openssl', fixed: null },
        },
        { ruleId: 'missing', level: 'note', message: ' ', path: 'Dockerfile', fingerprint: 'f2' },
      ],
    });
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
    expect(log).toMatchObject({
      runs: [
        {
          tool: {
            driver: {
              rules: [
                { id: 'CVE-1' },
                { id: 'CVE-2', properties: { tags: ['security'] } },
                { id: 'missing' },
              ],
            },
          },
          results: [
            {
              ruleIndex: 1,
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'docker/a%20b%3Ac/Dockerfile' },
                    region: { startLine: 1 },
                  },
                },
              ],
            },
            { ruleIndex: 2, message: { text: 'missing' } },
          ],
        },
      ],
    });
  });

  it('cuts long texts without breaking a character', () => {
    const log = sarifLog({
      tool,
      rules: [],
      results: [{ ruleId: 'r', level: 'none', message: '💥'.repeat(5000), path: 'a', fingerprint: 'f' }],
    });
    expect(validate(log)).toBe(true);
    expect(JSON.stringify(log)).not.toContain('\\ud83d"');
  });

  it('takes links, line breaks and bidirectional characters out of texts', () => {
    const hostile = 'a [x](https://evil.example)\r\n\u202eb\u0000 <b>';
    const log = sarifLog({
      tool,
      rules: [{ id: 'r', description: hostile, level: 'none' }],
      results: [{ ruleId: 'r', level: 'none', message: hostile, path: 'a', fingerprint: 'f' }],
    });
    const harmless = { text: 'a [x] (https://evil.example) b <b>' };
    const driver = { rules: [{ shortDescription: harmless, help: harmless }] };
    expect(log).toMatchObject({ runs: [{ tool: { driver }, results: [{ message: harmless }] }] });
  });

  it('would notice a log that is not SARIF', () => {
    expect(validate({ version: '2.1.0', runs: [{ results: [{}] }] })).toBe(false);
  });
});
