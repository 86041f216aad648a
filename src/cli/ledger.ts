import { resolve } from 'node:path';
import { openWorktree } from '../adapters/worktree/worktree.ts';
import { ledgerOf } from '../pass/ledger.ts';
import { parseArguments } from './arguments.ts';
import { LEDGER } from './command-lines/ledger.ts';
import { type ExitCode, type Io, write } from './io.ts';
import { localSettings } from './local-settings.ts';
import { count, paint, printable } from './text.ts';

/** `pinwheel ledger`: the ledger against the files. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, LEDGER);
  const tree = await openWorktree(resolve(io.cwd, parsed.positionals[0] ?? '.'));
  const { ledger, changes, failures } = await ledgerOf(tree, await localSettings(tree), io.now());
  const { red, yellow } = paint(io.color);
  for (const failure of failures) {
    await write(
      io.stderr,
      `${red('failed')}: ${printable(failure.subject)}: ${printable(failure.message)}\n`,
    );
  }
  for (const note of ledger?.notes ?? []) await write(io.stderr, `${yellow('note')}: ${printable(note)}\n`);
  if (parsed.flag('write')) await tree.apply(changes);
  if (ledger === null || !ledger.changed || changes.length === 0) {
    const rows = ledger?.entries.length ?? 0;
    if (failures.length === 0) await write(io.stdout, `The ledger is up to date: ${count(rows, 'pin')}.\n`);
    return failures.length > 0 ? 1 : 0;
  }
  const { fileDiff } = await import('./file-diff.ts');
  await write(io.stdout, fileDiff(ledger.path, ledger.before, ledger.after, io));
  const did = parsed.flag('write') ? 'Wrote' : 'Would write';
  await write(io.stdout, `${did} ${printable(ledger.path)}: ${count(ledger.entries.length, 'pin')}.\n`);
  if (failures.length > 0) return 1;
  return parsed.flag('check') ? 2 : 0;
}
