import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../support/registry/embedded-registry.ts';
import { createHarness, type Harness } from './harness.ts';

let registry: EmbeddedRegistry;
let checkout: Harness;

beforeEach(async () => {
  registry = await startEmbeddedRegistry();
  checkout = createHarness();
  await checkout.write(
    'registries.yaml',
    `registries:\n  - host: "${registry.host}"\n    plainHttp: true\n    allowPrivate: true\n`,
  );
});

afterEach(async () => {
  checkout.remove();
  await registry.close();
});

const push = (repository: string, tag: string, seed: string, platforms?: readonly string[]) =>
  registry.pushImage(repository, tag, { seed, ...(platforms === undefined ? {} : { platforms }) }).top.digest;

const rotate = (...more: readonly string[]) =>
  checkout.run('rotate', checkout.root, '--registries', `${checkout.root}/registries.yaml`, ...more);

const json = async (...more: readonly string[]) => {
  const result = await rotate('--json', ...more);
  return { ...result, document: JSON.parse(result.stdout) };
};

describe('pinwheel rotate, where something is wrong', () => {
  it.each([
    ['no such folder', ['/nowhere/at/all'], 'not-found'],
    ['settings that cannot be read', ['.', '--registries', 'absent.yaml'], 'unreadable-settings'],
    ['settings that are wrong', ['.', '--registries', 'wrong.yaml'], 'invalid-settings'],
  ])('prints one document with --json for %s too', async (_, argv, code) => {
    await checkout.write('wrong.yaml', 'registries: {}\n');
    const paths = argv.map((word) => (word.endsWith('.yaml') ? `${checkout.root}/${word}` : word));
    const result = await checkout.run('rotate', '--json', ...paths);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^error: /);
    const document = JSON.parse(result.stdout);
    expect(document).toMatchObject({ rotations: [], edits: [], ledger: null, failures: [{ code }] });
    expect(result.stderr).toContain(document.failures[0].message);
  });

  it('says in the document what could not be written', async () => {
    const old = push('base/app', '1', 'old');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1@${old}\n`);
    await checkout.write('BASE_IMAGE_DIGESTS.md/x', '');
    push('base/app', '1', 'new');
    const { code, document } = await json('--write');
    expect(code).toBe(1);
    expect(document.failures).toMatchObject([{ image: null, code: 'unwritable' }]);
    expect(await checkout.read('Dockerfile')).toContain(old);
  });

  it('keeps no ledger in a file that is read for images', async () => {
    const digest = push('base/app', '1', 'a');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1@${digest}\n`);
    await checkout.write('.github/pinwheel.yml', 'ledger:\n  path: Dockerfile\n');
    const { code, document } = await json('--write');
    expect(code).toBe(1);
    expect(document.failures).toMatchObject([{ file: 'Dockerfile', code: 'ledger-path' }]);
    expect(await checkout.read('Dockerfile')).toBe(`FROM ${registry.host}/base/app:1@${digest}\n`);
  });

  it('keeps the rows of a file that cannot be read, and writes nothing then', async () => {
    const old = push('base/app', '1', 'old');
    await checkout.write('a/Dockerfile', `FROM ${registry.host}/base/app:1@${old}\n`);
    await checkout.write('b/Dockerfile', `FROM ${registry.host}/base/app:1@${old}\n`);
    expect((await json('--write')).code).toBe(0);
    const ledger = await checkout.read('BASE_IMAGE_DIGESTS.md');
    await checkout.write('b/Dockerfile', Buffer.from([0xff, 0xfe, 0]));
    push('base/app', '1', 'new');
    const { code, document } = await json('--write');
    expect(code).toBe(1);
    expect(document.failures).toMatchObject([{ code: 'not-utf8' }, { code: 'ledger-unread' }]);
    expect(await checkout.read('BASE_IMAGE_DIGESTS.md')).toBe(ledger);
    expect(await checkout.read('a/Dockerfile')).toContain(old);
  });

  it('says which name of --only fits nothing', async () => {
    const digest = push('base/app', '1', 'a');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1@${digest}\n`);
    const { code, stderr } = await rotate('--only', 'pyhton', `${registry.host}/base/app`);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'note: --only pyhton: matches nothing here\n',
    });
  });

  it('follows the tag a hand-written ledger names for a digest without one', async () => {
    const old = push('base/app', '1', 'old');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app@${old}\n`);
    const row = `| ${registry.host}/base/app | 1 | ${old.slice(7, 19)} |`;
    await checkout.write(
      'BASE_IMAGE_DIGESTS.md',
      `| Image | Tag | Digest (short) |\n|---|---|---|\n${row}\n`,
    );
    const fresh = push('base/app', '1', 'new');
    expect((await json('--write')).code).toBe(0);
    expect(await checkout.read('Dockerfile')).toBe(`FROM ${registry.host}/base/app@${fresh}\n`);
    expect(await checkout.read('BASE_IMAGE_DIGESTS.md')).not.toContain('Digest (short)');
  });

  it('ends when it is told to, and changes nothing', async () => {
    const old = push('base/app', '1', 'old');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1@${old}\n`);
    push('base/app', '1', 'new');
    const controller = new AbortController();
    registry.setFault(() => {
      controller.abort();
      return 'hang';
    });
    const settings = `${checkout.root}/registries.yaml`;
    const result = await checkout.runUntil(
      controller.signal,
      'rotate',
      checkout.root,
      '--write',
      '--registries',
      settings,
    );
    expect(result).toEqual({ code: 1, stdout: '', stderr: 'error: interrupted; nothing was changed\n' });
    expect(await checkout.read('Dockerfile')).toContain(old);
  });

  it.each([
    ['Python', 'write "python"'],
    ['python:', 'write "python" for every tag'],
    ['node,ghcr.io', 'write "ghcr.io/**"'],
    [`python@sha256:${'a'.repeat(64)}`, 'names a digest'],
    ['{a,b', 'close it'],
  ])('refuses --only %s, which no image could match', async (only, remedy) => {
    const { code, stdout, stderr } = await rotate('--only', only);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(remedy);
  });

  it('divides --only by commas, but not inside of braces', async () => {
    const digest = push('base/app', '1', 'a');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1@${digest}\n`);
    const { stderr } = await rotate('--only', `${registry.host}/base/{app,x},{no,de}b[a,b]n,node`);
    expect(stderr).toBe(
      'note: --only {no,de}b[a,b]n: matches nothing here\nnote: --only node: matches nothing here\n',
    );
  });

  it('wants a name behind every comma of --only', async () => {
    const { code, stdout, stderr } = await rotate('--only', 'a,');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('--only: the pattern is empty');
  });
});
