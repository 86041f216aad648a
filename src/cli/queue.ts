import { openQueueBeside } from '../adapters/queue/open-queue.ts';
import { repositoryKey } from '../domain/repository-name.ts';
import type { DeadLetter, RotationQueue } from '../queue/queue.ts';
import { parseArguments, UsageError } from './arguments.ts';
import { QUEUE } from './command-lines/queue.ts';
import { openDeployment } from './deployment.ts';
import { type ExitCode, type Io, write, writeJson } from './io.ts';

/** `pinwheel queue`: a look at the queue, and what becomes of dead letters. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, QUEUE);
  const [verb, ...ids] = parsed.positionals;
  const how = verb === 'retry' || verb === 'drop' ? verb : null;
  if (how !== null && ids.length > 0 === parsed.flag('all')) {
    throw new UsageError(`name dead letters by ID, or all of them: pinwheel queue ${how} ID… | --all`);
  }
  if (how === null && (ids.length > 0 || parsed.flag('all') || (verb !== undefined && !verb.includes('/')))) {
    throw new UsageError(
      'expected "pinwheel queue [OWNER/REPO]", "pinwheel queue retry" or "pinwheel queue drop"',
    );
  }
  const { environment, log } = openDeployment(io, io.stderr);
  const queue = await openQueueBeside(environment, log);
  try {
    if (how !== null) return await settle(queue, how, parsed.flag('all') ? null : ids, io);
    await show(queue, verb ?? null, parsed.flag('json'), io);
    return 0;
  } finally {
    await queue.close();
  }
}

async function show(queue: RotationQueue, repository: string | null, json: boolean, io: Io): Promise<void> {
  const [counts, letters] = [await queue.counts(), await queue.deadLetters(repository ?? undefined)];
  if (json) {
    await writeJson(io, { ...counts, deadLetters: letters.map(letterJson) });
    return;
  }
  const lines = [`${counts.waiting} waiting, ${counts.running} running, ${counts.dead} given up`];
  for (const letter of letters) {
    const of = repositoryKey(letter.request.repository);
    lines.push(
      `${letter.id}  ${of}  ${letter.failedAt}  after ${letter.attempts} attempts: ${oneLine(letter.message)}`,
    );
  }
  await write(io.stdout, `${lines.join('\n')}\n`);
}

async function settle(
  queue: RotationQueue,
  how: 'retry' | 'drop',
  ids: readonly string[] | null,
  io: Io,
): Promise<ExitCode> {
  const chosen = ids ?? (await queue.deadLetters()).map((letter) => letter.id);
  let code: ExitCode = 0;
  for (const id of chosen) {
    const isThere = /^\d{1,15}$/.test(id) && (await queue.settleDead(id, how));
    if (isThere) await write(io.stdout, `${id}: ${how === 'retry' ? 'queued again' : 'dropped'}\n`);
    else {
      code = 1;
      await write(io.stderr, `error: no dead letter ${JSON.stringify(id.slice(0, 40))}\n`);
    }
  }
  return code;
}

function letterJson({ id, request, attempts, message, failedAt }: DeadLetter) {
  const { repository, causes, commands } = request;
  const comments = commands.map((command) => ({ issue: command.issue, comment: command.commentId }));
  return { id, repository: repositoryKey(repository), causes, comments, attempts, message, failedAt };
}

/** Messages quote what others wrote: no line breaks, and nothing a terminal would obey. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
