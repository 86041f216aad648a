import type { FormatExtractor } from '../format.ts';
import { compose } from './compose.ts';
import { githubActions } from './github-actions.ts';
import { helmValues } from './helm-values.ts';
import { kubernetes } from './kubernetes.ts';
import { kustomize } from './kustomize.ts';

/** Every file format Pinwheel reads, Dockerfiles apart. A new format is one file here and one line in this list. */
export const formats: readonly FormatExtractor[] = [compose, githubActions, helmValues, kubernetes, kustomize];
