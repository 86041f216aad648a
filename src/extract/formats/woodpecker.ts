import type { FormatExtractor } from '../format.ts';
import { extractYamlMaps } from './common/documents.ts';
import { addPluginPipeline } from './common/plugin-pipeline.ts';

/** Woodpecker CI and its fork Crow: images of steps, services and clone, and the build arguments of Docker plugins. */
export const woodpecker: FormatExtractor = {
  format: 'woodpecker',
  matchesPath: (path) => /(?:^|\/)\.(?:woodpecker|crow)(?:\/.+)?\.ya?ml$/.test(path),
  mayHold: (text) => text.includes('image'),
  extract: (file) => extractYamlMaps(file, 'woodpecker', addPluginPipeline),
};
