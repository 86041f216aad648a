import { dockerfile } from '../dockerfile/extract.ts';
import type { FormatExtractor } from '../format.ts';

/** Every file format Pinwheel reads, one line each. */
export const formats: readonly FormatExtractor[] = [dockerfile];
