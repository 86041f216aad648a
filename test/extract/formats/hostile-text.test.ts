import { describe, expect, it } from 'vitest';
import { formats } from '../../../src/extract/formats/list.ts';

/** Texts that would cost too much in a reader of programs and scripts that is not linear. 256 KiB each. */
const SIZE = 1 << 18;
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

describe.each(formats.filter(({ format }) => TEXT_FORMATS.has(format)))('$format: hostile text', (format) => {
  it.each(bombs)('%s', (_name, piece) => {
    const found = format.extract({ path: `x/${format.format}`, text: piece.repeat(SIZE / piece.length) });
    expect(found.errors.filter((error) => error.code === 'internal')).toEqual([]);
  });
});
