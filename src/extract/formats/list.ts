import { dockerfile } from '../dockerfile/extract.ts';
import type { FormatExtractor } from '../format.ts';
import { compose } from './compose.ts';
import { githubActions } from './github-actions.ts';
import { helmValues } from './helm-values.ts';
import { kubernetes } from './kubernetes.ts';
import { kustomize } from './kustomize.ts';

/** Every file format Pinwheel reads, one line each. */
export const formats: readonly FormatExtractor[] = [
  dockerfile,
  compose,
  githubActions,
  helmValues,
  kubernetes,
  kustomize,
];
