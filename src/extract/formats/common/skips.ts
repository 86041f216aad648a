import type { Skip } from '../../../domain/site.ts';
import type { MappedText } from '../../readers/mapped-text.ts';
import { MASK } from '../../readers/template-mask.ts';

/** For an image without tag and digest where the tag often stands elsewhere: `latest` would be a guess. */
export const TAG_ELSEWHERE: Skip = {
  reason: 'composed-reference',
  detail: 'the image has no tag here, and what reads this may add one: name the tag here to have it pinned',
};

/** For one digest that is read for two images. */
export const SHARED: Skip = {
  reason: 'shared-fragment',
  detail: 'this digest is read for more than one image: give each its own',
};

/** For a reference that a template engine makes. */
export const TEMPLATED: Skip = {
  reason: 'templated',
  detail: 'the reference is made by a template: pin it where its value is set',
};

/** For a reference that no edit can be made in. */
export const ESCAPED: Skip = {
  reason: 'unsupported-spelling',
  detail: 'the reference is spelled with escapes or over several lines: write it plainly on one line',
};

/** For a reference without a digest of its own that stands in several places. */
export const COMPOSED: Skip = {
  reason: 'composed-reference',
  detail:
    'the reference is put together from variables: a digest beside a changing tag would silently win over it',
};

/** For a reference with a variable that this file gives no value. */
export function unresolvable(name: string): Skip {
  const detail = `nothing here says what ${JSON.stringify(name)} holds: give it a default, or pin it where it is set`;
  return { reason: 'unresolvable-variable', detail };
}

const TEMPLATE = /\{\{|<%|<<|#\{|\[\[/;

/** Whether a text is (partly) made by a template engine, before or after masking. */
export function isTemplated(value: string): boolean {
  return value.includes(MASK) || TEMPLATE.test(value);
}

/** Whether a text with variables in it looks like a reference all the same. */
export function looksLikeReference(value: string): boolean {
  return value.includes('@sha256:') || /^[a-z0-9.-]+[/:]/.test(value);
}

/** Whether a text is one scalar spelled with escapes or over lines, and not put together from several places. */
export function isOneScalar(file: string, text: MappedText): boolean {
  const spelledOut = text.segments.reduce((sum, segment) => sum + segment.length, 0);
  if (spelledOut < text.value.length) return true;
  return text.segments.every((segment, i) => {
    const before = text.segments[i - 1];
    return (
      before === undefined ||
      /^[\s\\]+$/.test(file.slice(before.start + before.length, segment.start).slice(0, 4096))
    );
  });
}
