import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHarness, type Harness } from './harness.ts';

const SHA = `sha256:${'ab'.repeat(32)}`;
let checkout: Harness;

beforeEach(() => {
  checkout = createHarness();
});

afterEach(() => checkout.remove());

describe('pinwheel scan', () => {
  it('prints one JSON document of the documented shape', async () => {
    const text = `ARG PY=python:3.11@${SHA}\nFROM $PY AS build\nFROM scratch\nCOPY --from=build /a /b\n`;
    await checkout.write('docker/Dockerfile', text);
    const { code, stdout, stderr } = await checkout.run('scan', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const start = text.indexOf('python');
    expect(JSON.parse(stdout)).toEqual({
      sites: [
        {
          file: 'docker/Dockerfile',
          line: 1,
          column: 8,
          format: 'dockerfile',
          kind: 'arg-default',
          name: 'PY',
          text: `python:3.11@${SHA}`,
          start,
          end: start + `python:3.11@${SHA}`.length,
          image: { registry: 'docker.io', repository: 'library/python', tag: '3.11', digest: SHA },
          skip: null,
        },
      ],
      skipped: [
        expect.objectContaining({ line: 3, text: 'scratch', reason: 'scratch' }),
        expect.objectContaining({ line: 4, text: 'build', reason: 'stage' }),
      ],
      errors: [],
    });
  });

  it('takes the tag of a bare digest from the ledger row with that digest', async () => {
    await checkout.write('Dockerfile', `FROM debian@${SHA}\n`);
    const bare = JSON.parse((await checkout.run('scan', '--json')).stdout);
    expect(bare.sites).toMatchObject([{ image: { tag: null }, skip: { reason: 'digest-without-tag' } }]);
    await checkout.write(
      'docs/BASE_IMAGE_DIGESTS.md',
      `<!-- pinwheel:ledger:start -->\n\n| Image | Tag | Digest |\n| --- | --- | --- |\n| debian | bookworm-slim | ${SHA} |\n\n<!-- pinwheel:ledger:end -->\n`,
    );
    const known = JSON.parse((await checkout.run('scan', '--json')).stdout);
    expect(known.sites).toMatchObject([{ image: { tag: 'bookworm-slim' }, skip: null }]);
  });

  it('lists what it can when one file cannot be read, and exits 1', async () => {
    await checkout.write('good/Dockerfile', 'FROM alpine:3\n');
    await checkout.write('bad/Dockerfile', new Uint8Array([0x46, 0xff, 0xfe]));
    await checkout.write('large/Dockerfile', `# ${'x'.repeat(1_048_600)}\nFROM alpine:3\n`);
    const { code, stdout } = await checkout.run('scan', '--json');
    expect(code).toBe(1);
    const document = JSON.parse(stdout);
    expect(document.sites).toHaveLength(1);
    expect(document.errors.map((error: { file: string; code: string }) => [error.file, error.code])).toEqual([
      ['bad/Dockerfile', 'not-utf8'],
      ['large/Dockerfile', 'too-large'],
    ]);
  });

  it('shows a table to a person, with control characters made visible', async () => {
    await checkout.write('a\u001b[2J/Dockerfile', 'FROM alpine:3\n');
    const { code, stdout } = await checkout.run('scan');
    expect(code).toBe(0);
    expect(stdout).toContain('a\\u001b[2J/Dockerfile:1  from  alpine:3  not pinned');
    expect(stdout).not.toContain('\u001b');
  });

  it('refuses a broken configuration with file, line and the nearest key', async () => {
    await checkout.write('.github/pinwheel.yml', 'enabled: true\nimags: []\n');
    const { code, stderr } = await checkout.run('scan');
    expect(code).toBe(1);
    expect(stderr).toContain('.github/pinwheel.yml:2');
    expect(stderr).toContain('images');
  });

  it.each([
    [[], 0, 'Usage: pinwheel COMMAND'],
    [['--version'], 0, ''],
    [['scan', '--help'], 0, 'Usage: pinwheel scan'],
    [['help', 'rotate'], 0, 'Usage: pinwheel rotate'],
    [['scna'], 1, 'did you mean "scan"?'],
    [['scan', '/nowhere/at/all'], 1, '/nowhere/at/all'],
    [['completion', 'bash'], 0, '-F _pinwheel pinwheel'],
    [['completion', 'zsh'], 0, '#compdef pinwheel'],
    [['completion', 'fish'], 0, 'complete -c pinwheel'],
    [['completion', 'tcsh'], 1, 'bash|zsh|fish'],
  ])('%j exits %i', async (argv, code, text) => {
    const result = await checkout.run(...argv);
    expect(result.code).toBe(code);
    expect(code === 0 ? result.stdout : result.stderr).toContain(text);
  });
});

it('prints one document with --json for a folder that is not there', async () => {
  const { code, stdout, stderr } = await checkout.run('scan', '--json', '/nowhere/at/all');
  expect({ code, ours: stderr.startsWith('error: ') }).toEqual({ code: 1, ours: true });
  expect(JSON.parse(stdout)).toMatchObject({
    sites: [],
    skipped: [],
    errors: [{ file: null, code: 'not-found' }],
  });
});

describe('pinwheel ledger', () => {
  it('is made true to the files without asking a registry', async () => {
    await checkout.write('Dockerfile', `FROM python:3.11@${SHA}\n`);
    expect((await checkout.run('ledger', '--check')).code).toBe(2);
    expect((await checkout.run('ledger', '--write')).code).toBe(0);
    expect(await checkout.read('BASE_IMAGE_DIGESTS.md')).toContain(`| \`python\` | \`3.11\` | \`${SHA}\``);
    expect(await checkout.run('ledger', '--check')).toMatchObject({
      code: 0,
      stdout: 'The ledger is up to date: 1 pin.\n',
    });
    await checkout.write('Dockerfile', `FROM python:3.11@sha256:${'cd'.repeat(32)}\n`);
    expect((await checkout.run('ledger', '--check')).code).toBe(2);
  });
});
