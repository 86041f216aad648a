import { describe, expect, it } from 'vitest';
import { followedImage, groupPins, pinKey } from '../../src/plan/pins.ts';
import { toImageReference } from '../support/image-reference.ts';
import { extractWords } from './sites.ts';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;
const sitesOf = (text: string, path = 'f') => extractWords({ path, text }).sites;

describe('groupPins', () => {
  it('makes one pin of each image, tag and digest, however it is spelled, in one order', () => {
    const pins = groupPins([
      ...sitesOf(`from:a=python:3@${B} from:b=docker.io/library/python:3@${A} from:c=python`, 'z'),
      ...sitesOf(`from:d=python:latest from:e=python:3@${A} from:f=alpine:3`, 'a'),
    ]);
    expect(pins.map((pin) => [pinKey(pin), pin.sites.map((site) => `${site.file}:${site.name}`)])).toEqual([
      ['docker.io/library/alpine:3', ['a:f']],
      [`docker.io/library/python:3@${A}`, ['a:e', 'z:b']],
      [`docker.io/library/python:3@${B}`, ['z:a']],
      ['docker.io/library/python:latest', ['a:d', 'z:c']],
    ]);
    expect(pins.every((pin) => pin.disagreement === null)).toBe(true);
  });

  it('leaves out skips and digests whose tag nobody knows', () => {
    const [skipped] = sitesOf('from:a=python:3');
    if (skipped === undefined) throw new RangeError('no site');
    const skip = { reason: 'ignored-by-configuration' as const, detail: 'x' };
    expect(groupPins([{ ...skipped, skip }, ...sitesOf(`from:b=debian@${A}`)])).toEqual([]);
  });

  it('says where a group disagrees', () => {
    const pins = groupPins([
      ...sitesOf(`~arg-default:IMG=python:3@${A}`, 'Dockerfile'),
      ...sitesOf(`\n~build-arg:IMG=python:3@${B}`, 'ci.yml'),
    ]);
    expect(pins.map((pin) => pin.groups)).toEqual([['IMG'], ['IMG']]);
    expect(pins[0]?.disagreement).toBe(
      `Dockerfile:1 pins python:3@${A}, but ci.yml:2 pins python:3@${B}; they belong together and should agree`,
    );
  });
});

it.each([
  ['python:3', null, '3'],
  ['python', null, 'latest'],
  [`python:3@${A}`, 'debian:x', '3'],
  [`debian@${A}`, 'debian:bookworm', 'bookworm'],
  [`debian@${A}`, null, null],
])('%s with the comment %s follows %s', (text, hint, tag) => {
  const [site] = sitesOf(`from:a=${text}`);
  if (site === undefined) throw new RangeError('no site');
  const tagHint = hint === null ? null : { image: toImageReference(hint), slots: [] };
  expect(followedImage({ ...site, tagHint })?.tag ?? null).toBe(tag);
});
