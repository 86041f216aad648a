import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readEnvironment } from '../src/config/environment.ts';
import { extractAs } from '../src/extract/extract-as.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const dockerfile = read('Dockerfile');

describe('the Dockerfile', () => {
  it('pins its base as Pinwheel wants it: in one ARG, with tag and digest', () => {
    const { sites, errors } = extractAs({ path: 'Dockerfile', text: dockerfile }, 'dockerfile');
    expect(errors).toEqual([]);
    expect(sites).toHaveLength(1);
    expect(sites[0]).toMatchObject({
      kind: 'arg-default',
      name: 'NODE_IMAGE',
      skip: null,
      image: { registry: 'docker.io', repository: 'library/node', tag: '24-bookworm-slim' },
    });
    expect(sites[0]?.image.digest).toMatch(/^sha256:/);
  });
  it('runs as a user that is not root, and writes to one folder', () => {
    expect(dockerfile).toMatch(/^USER 1000:1000$/m);
    expect(dockerfile.match(/^VOLUME .*$/gm)).toEqual(['VOLUME ["/data"]']);
    // Otherwise caches go to the home folder, which a read-only file system does not let be written.
    expect(dockerfile).toContain('XDG_CACHE_HOME=/data/');
  });
  it('copies only what the context holds', () => {
    const kept = read('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
      (match[1] ?? '').split(' '),
    );
    expect(kept).toEqual(expect.arrayContaining(copied));
  });
});

it('pins every image of compose.yaml that is not built here', () => {
  const { services } = parse(read('compose.yaml')) as {
    services: Record<string, { image: string; build?: string }>;
  };
  const foreign = Object.values(services).filter((service) => service.build === undefined);
  expect(foreign.length).toBeGreaterThan(0);
  for (const { image } of foreign) expect(image).toMatch(/:[\w.-]+@sha256:[0-9a-f]{64}$/);
});

it('gives in .env.example what is read, and nothing that does not hold', () => {
  const lines = read('.env.example')
    .split('\n')
    .map((line) => line.replace(/^# (?=[A-Z_]+=)/, ''));
  const variables = Object.fromEntries(
    lines.flatMap((line) => {
      const [, name = '', value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
      return name === '' ? [] : [[name, value]];
    }),
  );
  expect(Object.keys(variables)).toEqual(
    expect.arrayContaining(['APP_ID', 'PRIVATE_KEY', 'WEBHOOK_SECRET', 'DATABASE_URL']),
  );
  expect(readEnvironment(variables)).toMatchObject({
    apiUrl: 'https://git.example.com/api/v3',
    cron: '0 * * * *',
  });
});
