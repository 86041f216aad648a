import { describe, expect, it } from 'vitest';
import { formats } from '../../../src/extract/formats/list.ts';

/** Texts that would cost too much in a reader of programs and scripts that is not linear. 64 KiB each: what is
 * quadratic takes minutes. */
const SIZE = 1 << 16;
const TEXT_FORMATS: ReadonlySet<string> = new Set([
  'bake',
  'bazel',
  'earthfile',
  'env-file',
  'jenkinsfile',
  'jib-gradle',
  'jib-maven',
  'makefile',
  'nomad',
  'packer',
  'quadlet',
  'shell',
  'terraform',
]);
const bombs: readonly (readonly [string, string])[] = [
  ['nested blocks', 'docker { '],
  ['nested dockerfile agents', 'dockerfile { dir "a" '],
  ['nested calls', 'oci.pull(image = '],
  ['open strings', 'a = "${b '],
  ['strings in interpolations', 'x = "${"'],
  ['here-documents', '<<A\n'],
  ['here-documents of Terraform', 'a = <<-A\n b\n'],
  ['continued lines', 'a \\\n'],
  ['continued values', 'Image=a \\\n'],
  ['make variables', 'A_IMAGE = $(A_IMAGE)$(B)\n'],
  ['recipes', '\tdocker build --build-arg A_IMAGE=$(A) .\n'],
  ['one long recipe', 'docker build --build-arg A_IMAGE=a:1 '],
  ['self references', 'A_IMAGE=${A_IMAGE}${A_IMAGE}\n'],
  ['doubling', 'A_IMAGE="$A_IMAGE$A_IMAGE"\n'],
  ['arguments', 'ARG A_IMAGE=$A_IMAGE$A_IMAGE\nFROM $A_IMAGE\n'],
  ['targets', 'target "a" { inherits = ["b", "c"] }\n'],
  [
    'inheritance',
    'target "b" { inherits = ["b", "a"] args = { X = "c:1" } }\ntarget "a" { inherits = ["b"] }\n',
  ],
  ['variables of variables', 'variable "a" { default = "${var.a}${var.a}" }\nlocals { b = "${local.b}" }\n'],
  ['elements', '<a><from>'],
  ['closed elements', '<plugin><artifactId>jib-maven-plugin</artifactId></plugin>'],
  ['attributes', '<a b="'],
  ['entities', '&amp;'],
  ['comments', '<!-- /* '],
  ['dots', 'a.b.'],
  ['parentheses', 'x('],
  ['withRegistry', 'docker.withRegistry("a") { docker.image("b:1") '],
  ['digests', `a@sha256:${'0'.repeat(64)} `],
];

const large = 'FROM a:1\n'.repeat(3000);
const shared: readonly (readonly [string, string])[] = [
  ['a large Dockerfile', `target "b" {\n dockerfile-inline = <<E\n${large}E\n}\n`],
  ['many arguments', `target "b" {\n args = {\n${'A = "b:1"\n'.repeat(10_000)} }\n}\n`],
  [
    'a large variable',
    `variable "V" { default = "${'v'.repeat(100_000)}" }\ntarget "b" { args = { A = "${'${V}'.repeat(10_000)}" } }\n`,
  ],
  [
    'a large matrix',
    `target "b" { matrix = { a = [${'"x:1",'.repeat(8)}], b = [${'"y:1",'.repeat(8)}] } dockerfile-inline = "FROM \${a}" }\n`,
  ],
];

describe('what Bake targets share', () => {
  // A busy machine must not be taken for a slow reader.
  it.each(shared)('%s', { timeout: 60_000 }, (_name, base) => {
    const bake = formats.find(({ format }) => format === 'bake');
    const text = `${base}${Array.from({ length: 1000 }, (_, i) => `target "t${i}" { inherits = ["b"] }\n`).join('')}`;
    const found = bake?.extract({ path: 'docker-bake.hcl', text });
    expect(found?.errors.filter(({ code }) => code === 'internal')).toEqual([]);
  });
});

describe.each(formats.filter(({ format }) => TEXT_FORMATS.has(format)))('$format: hostile text', (format) => {
  it.each(bombs)('%s', (_name, piece) => {
    const found = format.extract({ path: `x/${format.format}`, text: piece.repeat(SIZE / piece.length) });
    expect(found.errors.filter((error) => error.code === 'internal')).toEqual([]);
  });
});
