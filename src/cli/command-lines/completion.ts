import { commandLine } from '../command-line.ts';

/** The shells that a script can be printed for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const COMPLETION = commandLine({
  name: 'completion',
  summary: `print a completion script for ${SHELLS.slice(0, -1).join(', ')} or ${SHELLS.at(-1)}`,
  takes: SHELLS.join('|'),
  maxPositionals: 1,
  completes: SHELLS,
  about: ["Prints a completion script. Load it from your shell's start-up file:"],
  terms: [
    ['bash', 'eval "$(pinwheel completion bash)"'],
    ['zsh', 'eval "$(pinwheel completion zsh)"'],
    ['fish', 'pinwheel completion fish | source'],
  ],
  options: {},
  examples: [],
  exitCodes: 'Exit codes: 0 printed, 1 an unknown shell.',
});
