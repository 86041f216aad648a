import { type ImageReference, parseImageReference } from '../../../domain/image-reference.ts';
import type { SiteKind, Skip, Slot } from '../../../domain/site.ts';
import type { SourceSpan } from '../../../domain/source-span.ts';
import { expandVariables, NO_VARIABLES, type VariableScope } from '../../interpolation/interpolate.ts';
import { approximate, locate, type MappedText, trimmed } from '../../readers/mapped-text.ts';
import type { WorkBudget } from '../../work-budget.ts';
import {
  COMPOSED,
  ESCAPED,
  isOneScalar,
  isTemplated,
  looksLikeReference,
  TEMPLATED,
  unresolvable,
} from './skips.ts';

/** How a text that should name an image is to be read. */
export type ImageUse = {
  readonly kind: SiteKind;
  /** The ARG, build-arg or variable that holds it. */
  readonly name?: string | null;
  /** Variables to expand; without it a `$` is no variable. */
  readonly scope?: VariableScope;
  /** `ignore` keeps quiet about a text that is no reference: for keys that often hold something else. */
  readonly invalid?: 'report' | 'ignore';
  /** Found, and not to be edited: the site is kept with this reason. */
  readonly skip?: Skip;
  /** An image only if `extract/link` finds that it is one. */
  readonly candidate?: boolean;
};

/** What a text that should name an image comes to. */
export type ImageText =
  | {
      readonly kind: 'site';
      readonly image: ImageReference;
      readonly slots: readonly [Slot, ...Slot[]];
      readonly use: ImageUse;
      /** Where names begin that get their digest from elsewhere: one of their own would be one too many. */
      readonly completes: readonly number[];
    }
  | { readonly kind: 'skip'; readonly text: string; readonly offset: number; readonly skip: Skip }
  | { readonly kind: 'nothing' };

type Around = {
  /** The text of the file. */
  readonly file: string;
  readonly budget: WorkBudget;
  /** Where to point when the text stands nowhere. */
  readonly fallback: number;
};

const NOTHING: ImageText = { kind: 'nothing' };

/**
 * Reads a text that names an image: variables with a value or default are followed to where the text really stands. A
 * reference in one piece is a site there; one put together from several places moves only by its digest, where that is
 * written in one piece. Pure but for what it costs.
 */
export function readImage(text: MappedText, use: ImageUse, { file, budget, fallback }: Around): ImageText {
  const written = trimmed(text);
  if (written.value === '') return NOTHING;
  const offset = approximate(written, 0, fallback);
  const left = (skip: Skip): ImageText => ({ kind: 'skip', text: written.value, offset, skip });
  if (isTemplated(written.value)) return left(TEMPLATED);
  const expanded = expandVariables(written, use.scope ?? NO_VARIABLES, budget);
  if (!expanded.ok) {
    const isReported = use.invalid !== 'ignore' || looksLikeReference(written.value);
    return isReported ? left(use.skip ?? unresolvable(expanded.missing)) : NOTHING;
  }
  const whole = trimmed(expanded.text);
  if (whole.value === '') return NOTHING;
  if (isTemplated(whole.value)) return left(TEMPLATED);
  const parsed = parseImageReference(whole.value);
  if (!parsed.ok) {
    if (use.invalid === 'ignore') return NOTHING;
    return left({ reason: 'invalid-reference', detail: parsed.fault.message });
  }
  const named = { ...use, name: use.name ?? expanded.variable };
  const span = locate(whole, 0, whole.value.length);
  if (span !== null) return siteOf(parsed.value, slotOf('reference', span, whole.value), named);
  const { digest } = parsed.value;
  if (digest !== null) {
    const at = whole.value.length - digest.length;
    const place = locate(whole, at, whole.value.length);
    if (place !== null) {
      const completes = whole.segments.filter((segment) => segment.at < at).map(({ start }) => start);
      return siteOf(parsed.value, slotOf('digest', place, digest), named, completes);
    }
  }
  const source = locate(written, 0, written.value.length);
  const skip = !written.value.includes('$') && isOneScalar(file, whole) ? ESCAPED : COMPOSED;
  if (source === null) return left(skip);
  return siteOf(parsed.value, slotOf('reference', source, written.value), {
    ...named,
    skip: use.skip ?? skip,
  });
}

function siteOf(
  image: ImageReference,
  slot: Slot,
  use: ImageUse,
  completes: readonly number[] = [],
): ImageText {
  return { kind: 'site', image, slots: [slot], use, completes };
}

/** A slot over a span of the file. */
export function slotOf(holds: Slot['holds'], span: SourceSpan, text: string): Slot {
  return { holds, start: span.start, end: span.end, text };
}
