import { describe, expect, it } from 'vitest';
import { imageSettings } from '../../src/config/image-settings.ts';
import { mergeConfig, parseRepositoryConfig } from '../../src/config/repository.ts';
import { toImageReference } from '../support/image-reference.ts';

const TODAY = '2026-11-20';
const digest = `sha256:${'b'.repeat(64)}`;

function settings(yaml: string, image: string) {
  const file = parseRepositoryConfig(yaml, 'pinwheel.yml');
  if (!file.ok) throw new Error(JSON.stringify(file.fault));
  const config = mergeConfig(null, file.value);
  if (!config.ok) throw new Error(JSON.stringify(config.fault));
  return imageSettings(config.value, toImageReference(image), TODAY);
}

describe('imageSettings', () => {
  it('lets only the first matching rule speak', () => {
    const yaml = 'images: [{ match: python, pin: true }, { match: "**", ignore: true, group: rest }]';
    expect(settings(yaml, 'python')).toMatchObject({ pin: true, ignored: null, group: null });
    expect(settings(yaml, 'node')).toMatchObject({ pin: false, ignored: 'a rule ignores **', group: 'rest' });
  });
  it.each([
    [
      'until tomorrow',
      'images: [{ match: python, hold: 2026-11-21 }]',
      { until: '2026-11-21', reason: null },
    ],
    ['until today: over', 'images: [{ match: python, hold: 2026-11-20 }]', null],
    [
      'beside the rules',
      'holds: [{ image: python, until: 2026-12-01, reason: x }]',
      { until: '2026-12-01', reason: 'x' },
    ],
    [
      'the longest',
      'holds: [{ image: python, until: 2026-12-01 }, { image: "*" }, { image: python, until: 2027-01-01 }]',
      { until: null, reason: null },
    ],
    ['of another image', 'holds: [{ image: node }]', null],
  ])('holds %s', (_, yaml, hold) => {
    expect(settings(yaml, 'python').hold).toEqual(hold);
  });
  it.each([
    ['by entry', 'ignores: [{ image: python, reason: eol }]', 'eol'],
    ['by registry', 'registries: { ignore: [docker.io] }', 'the registry docker.io is ignored'],
    [
      'by registry, in any of its names',
      'registries: { ignore: [index.docker.io] }',
      'the registry docker.io is ignored',
    ],
    ['by a pattern of registries', 'registries: { ignore: ["*.io"] }', 'the registry docker.io is ignored'],
    ['by the registries that count', 'registries: { only: [ghcr.io] }', 'only ghcr.io are looked up'],
    ['one digest only', `ignores: [{ image: python, digest: "${digest}" }]`, null],
  ])('ignores %s', (_, yaml, reason) => {
    expect(settings(yaml, 'python').ignored).toBe(reason);
  });
  it('collects ignored digests', () => {
    const yaml = `ignores: [{ image: python, digest: "${digest}" }]`;
    expect(settings(yaml, 'python').ignoredDigests).toEqual([digest]);
    expect(settings(yaml, 'node').ignoredDigests).toEqual([]);
  });
});
