import type { FormatExtractor } from '../format.ts';
import { extractYamlMaps } from './common/documents.ts';
import { addPluginPipeline } from './common/plugin-pipeline.ts';

/** Drone CI: images of steps and services, and the build arguments of its Docker plugin. */
export const drone: FormatExtractor = {
  format: 'drone',
  matchesPath: (path) => /(?:^|\/)\.drone(?:\/[^/]+)?\.ya?ml$/.test(path),
  mayHold: (text) => text.includes('image'),
  extract: (file) => extractYamlMaps(file, 'drone', addPluginPipeline),
};
