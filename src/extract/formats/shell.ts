import { folderOf } from '../../domain/path.ts';
import type { FormatExtractor } from '../format.ts';
import type { VariableScope } from '../interpolation/interpolate.ts';
import { verbatim } from '../readers/mapped-text.ts';
import { readShell, type ShellCommand } from '../readers/shell-words.ts';
import { type NamedText, splitAssignment } from './common/build-values.ts';
import { SiteCollector } from './common/collector.ts';
import { addCommands } from './common/docker-commands.ts';
import { addCommandText, addLooseWords, noteOutputs, scriptVariable } from './common/script-images.ts';

const TOOL_FOLDERS: ReadonlySet<string> = new Set(
  'scripts script bin hack ci .ci tools tool build dev devel make automation .github .gitlab .circleci utils contrib'.split(
    ' ',
  ),
);

/**
 * Shell scripts: variables that hold images, build arguments of image builds, and images with a digest that are run,
 * pulled or listed. Where a script starts is not known: its own folder is assumed, or what stands above one for scripts.
 */
export const shell: FormatExtractor<'shell'> = {
  format: 'shell',
  docs: {
    files: '`*.sh`, `*.bash`, `*.zsh`, `.envrc`',
    finds:
      'variables (`X=…`, `${X:-…}`, `: ${X:=…}`), build arguments, also in lists; images with a digest in `docker run`, `crane`, `cosign`, `kubectl --image` and lists; `-Djib.from.image`',
  },
  byContent: true,
  matchesPath: (path) => /\.(?:sh|bash|zsh|ksh)$|(?:^|\/)\.envrc$/.test(path),
  mayHold: (text) => /sha256:|--build-arg|image|base/i.test(text),
  extract: (file) => {
    const collector = new SiteCollector(file, 'shell');
    const bom = file.text.charCodeAt(0) === 0xfeff ? 1 : 0;
    const script = verbatim(file.text.slice(bom), bom);
    const commands = readShell(script, collector.budget);
    const outputs = new Set<string>();
    noteOutputs(commands, outputs);
    addCommands(collector, commands, { folder: startOf(file.path), at: 0 });
    const variables = assignments(commands);
    const byName = new Map(variables.map(({ name, value }) => [name, value ?? undefined]));
    const scope: VariableScope = (name) => byName.get(name);
    for (const { name, value } of variables) {
      if (value === null) continue;
      scriptVariable(collector, { name, value }, outputs, scope);
      addCommandText(collector, value, scope);
    }
    addLooseWords(collector, commands, scope, 0);
    return collector.result();
  },
};

/** The folder a script is started in: tools in `scripts/` and the like work on what stands above them. */
function startOf(path: string): string {
  const parts = folderOf(path).split('/');
  const tools = parts.findIndex((part) => TOOL_FOLDERS.has(part));
  return (tools < 0 ? parts : parts.slice(0, tools)).join('/');
}

/** All `NAME=value` words at the front of commands, also behind `export`, `local` and the like. */
function assignments(commands: readonly ShellCommand[]): NamedText[] {
  const found: NamedText[] = [];
  for (const { words } of commands) {
    for (const { text } of words) {
      if (/^(?:export|readonly|declare|local|typeset|-[A-Za-z]+|then|do|else|\{)$/.test(text.value)) continue;
      const assignment = /^[A-Za-z_]\w*=/.test(text.value) ? splitAssignment(text) : null;
      if (assignment === null) break;
      found.push(assignment);
    }
  }
  return found;
}
