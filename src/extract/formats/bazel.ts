import { parseImageReference } from '../../domain/image-reference.ts';
import type { FormatExtractor } from '../format.ts';
import { readCode } from '../readers/code-tokens.ts';
import {
  assignedStrings,
  type CodeCall,
  namedCalls,
  resolved,
  type StringToken,
} from '../readers/code-walk.ts';
import { locate } from '../readers/mapped-text.ts';
import type { TextNode } from '../readers/node.ts';
import { SiteCollector } from './common/collector.ts';
import { slotOf } from './common/image-text.ts';
import { imageFromKeys } from './common/separate-keys.ts';

const PATH = /(?:^|[/.])(?:MODULE|WORKSPACE)(?:\.bazel|\.bzlmod)?$|\.MODULE\.bazel$|\.bzl$/;
const PULLS = /^(?:_?oci_pull|container_pull|new_container_pull|oci_image|docker_pull|[\w.]*\.pull|pull)$/;

/**
 * Bazel: images that `oci.pull` (MODULE.bazel), `oci_pull` (rules_oci), `container_pull` (rules_docker) and `pull`
 * (rules_img) fetch. Name, tag and digest stand in arguments of their own; constants of the same file are followed.
 */
export const bazel: FormatExtractor<'bazel'> = {
  format: 'bazel',
  docs: {
    files: '`MODULE.bazel`, `WORKSPACE`, `*.bzl`',
    finds:
      '`oci.pull`, `oci_pull`, `container_pull`: name, tag and digest in arguments of their own, through constants',
  },
  byContent: true,
  matchesPath: (path) => PATH.test(path),
  mayHold: (text) => text.includes('pull'),
  extract: (file) => {
    const collector = new SiteCollector(file, 'bazel');
    const tokens = readCode(file.text, { comments: 'hash', interpolation: null });
    const strings = assignedStrings(tokens);
    for (const call of namedCalls(tokens)) if (PULLS.test(call.name)) addPull(collector, call, strings);
    return collector.result();
  },
};

function addPull(collector: SiteCollector, call: CodeCall, strings: ReadonlyMap<string, StringToken>): void {
  const arg = (name: string): TextNode | undefined => resolved(call.args.get(name), strings);
  const repository = arg('image') ?? arg('repository');
  const given = call.args.get('image') ?? call.args.get('repository');
  if (repository === undefined) {
    if (given?.kind === 'word') {
      const detail = `${given.text} is not set in this file: pin the image where it is set`;
      collector.skip(given.text, call.start, 'unresolvable-variable', detail);
    }
    return;
  }
  const [registry, tag, digest] = [arg('registry'), arg('tag'), arg('digest')];
  const keys = { registry, repository, tag, digest };
  const inOne = digest === undefined && repository.text.value.includes('@');
  // A `tag` cannot carry the digest here, and an argument that is not there has no place.
  if (digest !== undefined || inOne) imageFromKeys(collector, keys, 'image');
  else skipUnpinned(collector, call, keys);
}

function skipUnpinned(
  collector: SiteCollector,
  call: CodeCall,
  {
    registry,
    repository,
    tag,
  }: { registry: TextNode | undefined; repository: TextNode; tag: TextNode | undefined },
): void {
  const host = registry === undefined || registry.text.value === '' ? '' : `${registry.text.value}/`;
  const name = `${host}${repository.text.value}`;
  const parsed = parseImageReference(tag === undefined ? name : `${name}:${tag.text.value}`);
  const span = locate(repository.text, 0, repository.text.value.length);
  if (!parsed.ok || span === null) {
    const reason = parsed.ok ? 'unsupported-spelling' : 'invalid-reference';
    const detail = parsed.ok ? 'the name contains escapes: write it plainly' : parsed.fault.message;
    collector.skip(name, call.start, reason, detail);
    return;
  }
  const isVariable = call.args.get('digest')?.kind === 'word';
  const skip = isVariable
    ? ({
        reason: 'unresolvable-variable',
        detail: 'the digest is a name that is not set in this file',
      } as const)
    : ({
        reason: 'unsupported-spelling',
        detail: 'there is nowhere to put a digest: add digest = "" to pin it',
      } as const);
  collector.site(parsed.value, [slotOf('reference', span, repository.text.value)], { kind: 'image', skip });
}
