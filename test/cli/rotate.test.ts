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

describe('pinwheel rotate', () => {
  it('moves a pin by CRLF, BOM, quotes and mode and says so in the ledger', async () => {
    const old = push('base/app', '1', 'old');
    const text = `\ufeffARG IMG="${registry.host}/base/app:1@${old}"\r\nFROM $IMG\r\n# no newline at the end`;
    await checkout.write('Dockerfile', text);
    const fresh = push('base/app', '1', 'new');

    const { code, document, stderr } = await json('--write');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(document.failures).toEqual([]);
    expect(document.rotations).toMatchObject([
      {
        image: { registry: registry.host, repository: 'base/app', tag: '1' },
        from: old,
        to: fresh,
        verdict: 'rotate',
        sites: [{ file: 'Dockerfile', line: 1, kind: 'arg-default', name: 'IMG' }],
      },
    ]);
    expect(document.ledger).toEqual({ path: 'BASE_IMAGE_DIGESTS.md', changed: true });
    expect(await checkout.read('Dockerfile')).toBe(text.replace(old, fresh));
    expect(await checkout.read('BASE_IMAGE_DIGESTS.md')).toContain(
      `| \`${registry.host}/base/app\` | \`1\` | \`${fresh}\` | index: linux/amd64, linux/arm64 | 2026-01-01 | 2026-11-20 | 2026-11-20 | stagnant |`,
    );
    expect(await json('--check')).toMatchObject({ code: 0, document: { edits: [] } });
  });

  it('previews without touching, and --check tells by exit code 2', async () => {
    const old = push('base/app', '1', 'old');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1@${old}\n`);
    const fresh = push('base/app', '1', 'new');
    const preview = await rotate();
    expect(preview.code).toBe(0);
    expect(preview.stdout).toContain(`+FROM ${registry.host}/base/app:1@${fresh}`);
    expect(preview.stdout).toContain('Would move 1 image in 2 files. Run pinwheel rotate --write to do it.');
    expect((await rotate('--check')).code).toBe(2);
    expect(await checkout.read('Dockerfile')).toContain(old);
  });

  it('costs one HEAD for each tag and no GET where nothing moved', async () => {
    const [a, b] = [push('base/a', '1', 'a'), push('base/b', '1', 'b')];
    await checkout.write(
      'x/Dockerfile',
      `FROM ${registry.host}/base/a:1@${a}\nFROM ${registry.host}/base/b:1@${b}\n`,
    );
    await checkout.write('y/Dockerfile', `FROM ${registry.host}/base/a:1@${a}\n`);
    const { document } = await json('--check');
    expect(document.rotations.map((rotation: { verdict: string }) => rotation.verdict)).toEqual([
      'current',
      'current',
    ]);
    expect(registry.counts()).toMatchObject({ head: 2, manifest: 0, blob: 0 });
  });

  it('costs one HEAD for a newer tag, which is both followed and moved to', async () => {
    const old = push('base/app', '1.2.3', 'old');
    push('base/app', '1.2.4', 'new');
    await checkout.write('pinwheel.yml', 'images:\n  - match: "**"\n    track: patch\n');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1.2.3@${old}\n`);
    const { document } = await json('--check');
    expect(document.rotations).toMatchObject([{ verdict: 'rotate', toTag: '1.2.4' }]);
    expect(registry.counts()).toMatchObject({ head: 1, tags: 1 });
  });

  it('does not fail a check for want of a ledger alone', async () => {
    const digest = push('base/app', '1', 'a');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1@${digest}\n`);
    expect(await json('--check')).toMatchObject({
      code: 0,
      document: { edits: [], ledger: { changed: true } },
    });
    expect((await checkout.run('ledger', '--check')).code).toBe(2);
    await json('--write');
    const ledger = await checkout.read('BASE_IMAGE_DIGESTS.md');
    await checkout.write('BASE_IMAGE_DIGESTS.md', ledger.replace('`Dockerfile`', '`Other`'));
    expect((await json('--check')).code).toBe(2);
  });

  it('holds a move that loses a platform, with the reason', async () => {
    const old = push('base/app', '1', 'old');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1@${old}\n`);
    push('base/app', '1', 'new', ['linux/amd64']);
    const { code, document } = await json('--write');
    expect(code).toBe(0);
    expect(document).toMatchObject({
      edits: [],
      rotations: [{ verdict: 'hold', from: old, reasons: [{ code: 'lost-platform' }] }],
    });
    expect(document.rotations[0].reasons[0].message).toContain('linux/arm64');
  });

  it('leaves unpinned references alone unless --pin asks for them', async () => {
    const digest = push('base/app', '1', 'a');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1\n`);
    expect((await json('--check')).document.rotations).toEqual([]);
    const { code, document } = await json('--pin', '--write');
    expect(code).toBe(0);
    expect(document.rotations).toMatchObject([{ from: null, to: digest, verdict: 'rotate' }]);
    expect(await checkout.read('Dockerfile')).toBe(`FROM ${registry.host}/base/app:1@${digest}\n`);
  });

  it('--only keeps to the images it names, and the ledger rows of the others', async () => {
    const [a, b] = [push('base/a', '1', 'a'), push('base/b', '1', 'b')];
    await checkout.write(
      'Dockerfile',
      `FROM ${registry.host}/base/a:1@${a}\nFROM ${registry.host}/base/b:1@${b}\n`,
    );
    expect((await json('--write')).code).toBe(0);
    push('base/a', '1', 'a2');
    const movedB = push('base/b', '1', 'b2');
    const { document } = await json('--write', '--only', `${registry.host}/base/b`);
    expect(document.rotations).toHaveLength(1);
    expect(await checkout.read('Dockerfile')).toBe(
      `FROM ${registry.host}/base/a:1@${a}\nFROM ${registry.host}/base/b:1@${movedB}\n`,
    );
    const ledger = await checkout.read('BASE_IMAGE_DIGESTS.md');
    expect(ledger).toContain(a);
    expect(ledger).toContain(movedB);
  });

  it('does not touch the ledger for a status that follows the calendar, until something moves', async () => {
    const digest = push('base/app', '1', 'a');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1@${digest}\n`);
    await json('--write');
    const written = await checkout.read('BASE_IMAGE_DIGESTS.md');
    const aged = written.replace('| stagnant |', '| ageing |');
    expect(aged).not.toBe(written);
    await checkout.write('BASE_IMAGE_DIGESTS.md', aged);
    expect(await json('--check')).toMatchObject({ code: 0, document: { ledger: { changed: false } } });
    push('base/app', '1', 'b');
    await json('--write');
    expect(await checkout.read('BASE_IMAGE_DIGESTS.md')).not.toContain('ageing');
  });

  it('does what can be done when one image fails, and exits 1', async () => {
    const old = push('base/app', '1', 'old');
    await checkout.write(
      'Dockerfile',
      `FROM ${registry.host}/base/gone:1@${old}\nFROM ${registry.host}/base/app:1@${old}\n`,
    );
    const fresh = push('base/app', '1', 'new');
    const { code, document } = await json('--write');
    expect(code).toBe(1);
    expect(document.failures).toMatchObject([
      { image: `${registry.host}/base/gone`, tag: '1', code: 'not-found', temporary: false },
    ]);
    expect(await checkout.read('Dockerfile')).toBe(
      `FROM ${registry.host}/base/gone:1@${old}\nFROM ${registry.host}/base/app:1@${fresh}\n`,
    );
  });

  it('reads an outage as an outage', async () => {
    const old = push('base/app', '1', 'old');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1@${old}\n`);
    const { port } = new URL(`http://${registry.host}`);
    await registry.close();
    const { code, document } = await json('--check');
    expect(code).toBe(1);
    expect(document.rotations).toEqual([]);
    expect(document.failures).toMatchObject([{ code: 'unreachable', temporary: true }]);
    registry = await startEmbeddedRegistry({ port: Number(port) });
  });

  it('writes nothing over a damaged ledger and names its line', async () => {
    const old = push('base/app', '1', 'old');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app:1@${old}\n`);
    push('base/app', '1', 'new');
    const damaged = '# Ledger\n\n<!-- pinwheel:ledger:start -->\n<<<<<<< HEAD\n';
    await checkout.write('BASE_IMAGE_DIGESTS.md', damaged);
    const { code, document } = await json('--write');
    expect(code).toBe(1);
    expect(document.failures).toMatchObject([{ file: 'BASE_IMAGE_DIGESTS.md', code: 'ledger-damaged' }]);
    expect(document.failures[0].message).toMatch(/BASE_IMAGE_DIGESTS\.md:\d+/);
    expect(await checkout.read('BASE_IMAGE_DIGESTS.md')).toBe(damaged);
    expect(await checkout.read('Dockerfile')).toContain(old);
  });

  it.each([
    [['--check', '--write'], 'exclude each other'],
    [['--wirte'], 'did you mean --write?'],
    [['--only'], '--only'],
    [['a', 'b'], 'unexpected argument'],
  ])('refuses %j', async (argv, message) => {
    const { code, stderr, stdout } = await checkout.run('rotate', ...argv);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('a tag range', () => {
  it('moves tag and digest together, the variant kept, and a second pass changes nothing', async () => {
    const old = push('base/py', '3.11.6-slim', 'a');
    await checkout.write('.github/pinwheel.yml', 'images:\n  - match: "**"\n    track: patch\n');
    await checkout.write('Dockerfile', `ARG PY=${registry.host}/base/py:3.11.6-slim@${old}\nFROM $PY\n`);
    push('base/py', '3.12.0-slim', 'b');
    push('base/py', '3.11.9', 'c');
    const fresh = push('base/py', '3.11.9-slim', 'd');
    const { code, document } = await json('--write');
    expect(code).toBe(0);
    expect(document.rotations).toMatchObject([
      { image: { tag: '3.11.6-slim' }, toTag: '3.11.9-slim', from: old, to: fresh, verdict: 'rotate' },
    ]);
    expect(await checkout.read('Dockerfile')).toBe(
      `ARG PY=${registry.host}/base/py:3.11.9-slim@${fresh}\nFROM $PY\n`,
    );
    expect(await checkout.read('BASE_IMAGE_DIGESTS.md')).toContain('| `3.11.9-slim` |');
    expect(await json('--check')).toMatchObject({ code: 0, document: { edits: [] } });
  });

  it('writes the tag alone where the newer one has the pinned digest', async () => {
    const digest = push('base/py', '1.0.1', 'same');
    push('base/py', '1.0.2', 'same');
    await checkout.write('pinwheel.yml', 'images:\n  - match: "**"\n    track: patch\n');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/py:1.0.1@${digest}\n`);
    expect((await json('--write')).code).toBe(0);
    expect(await checkout.read('Dockerfile')).toBe(`FROM ${registry.host}/base/py:1.0.2@${digest}\n`);
  });
});
