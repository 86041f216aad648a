import { expect, it } from 'vitest';
import { parseComment } from '../../src/comments/parse.ts';
import { settingsName } from '../../src/comments/settle-settings.ts';
import { matchesImage, toImagePattern } from '../../src/domain/image-glob.ts';
import { toImageReference } from '../support/image-reference.ts';

it.each([
  ['python', 'python'],
  ['docker.io/library/python:3.11', 'python:3.11'],
  ['GHCR.io/acme/base', 'ghcr.io/acme/base'],
  ['localhost:5000/a', 'localhost:5000/a'],
  ['[::1]:5000/a:1', '[::1]:5000/a:1'],
  ['my.image', 'docker.io/library/my.image'],
  ['localhost:1', 'docker.io/library/localhost:1'],
])('/rotate hold %s is written as a pattern for it: %s', (image, written) => {
  const [command] = parseComment(`/rotate hold ${image}`);
  if (command?.kind !== 'hold') throw new Error('not understood');
  expect(settingsName(command.image)).toBe(written);
  expect(matchesImage(toImagePattern(written), toImageReference(image))).toBe(true);
});
