import { folderOf } from '../../domain/path.ts';
import type { FormatExtractor } from '../format.ts';
import type { VariableScope } from '../interpolation/interpolate.ts';
import { readMakefile } from '../readers/makefile.ts';
import type { MappedText } from '../readers/mapped-text.ts';
import { readShell } from '../readers/shell-words.ts';
import { SiteCollector } from './common/collector.ts';
import { addCommands } from './common/docker-commands.ts';
import { addCommandText, addLooseWords, noteOutputs, scriptVariable } from './common/script-images.ts';

/** Makefiles: variables that hold images, and what recipes build, run and pull. Recipes run in the Makefile's folder. */
export const makefile: FormatExtractor<'makefile'> = {
  format: 'makefile',
  docs: {
    files: '`Makefile`, `GNUmakefile`, `*.mk`',
    finds:
      'variables, also of targets; build arguments in recipes, `define` blocks and variables of options; images with a digest that recipes run',
  },
  byContent: true,
  matchesPath: (path) => /(?:^|\/)(?:GNUm|[Mm])akefile(?:\.[^/]+)?$|\.(?:mk|mak|make)$/.test(path),
  mayHold: (text) => /sha256:|--build-arg|image|base/i.test(text),
  extract: (file) => {
    const collector = new SiteCollector(file, 'makefile');
    const { variables, recipes } = readMakefile(file.text);
    const values = new Map<string, MappedText>();
    for (const { name, operator, value } of variables) {
      if (operator === '=' || !values.has(name)) values.set(name, value);
    }
    const scope: VariableScope = (name) => values.get(name);
    const outputs = new Set<string>();
    const commands = recipes.map((recipe) => readShell(recipe, collector.budget));
    for (const command of commands) noteOutputs(command, outputs);
    for (const { name, value, operator } of variables) {
      if (operator !== '+=') scriptVariable(collector, { name, value }, outputs, scope);
      addCommandText(collector, value, scope);
    }
    // Each line of a recipe is a shell of its own. The including Makefile's folder is not known: a library's is the root's.
    const folder = file.path.endsWith('.mk') ? '' : folderOf(file.path);
    recipes.forEach((recipe, i) => {
      const at = recipe.segments[0]?.start ?? 0;
      addCommands(collector, commands[i] ?? [], { folder, scope, at });
      addLooseWords(collector, commands[i] ?? [], scope, at);
    });
    return collector.result();
  },
};
