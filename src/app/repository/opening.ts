import { type CommandSession, openCommand, say } from '../../comments/session.ts';
import { repositoryKey } from '../../domain/repository-name.ts';
import { hasCode } from '../../forge/errors.ts';
import type { Issue, PullRequest, RepositoryFacts } from '../../forge/types.ts';
import { syncConfigIssue } from '../../issues/config-issue.ts';
import { findSettings, type LoadedSettings, readSettings } from '../../pull-requests/settings-file.ts';
import { escapeMarkdown } from '../../report/markdown.ts';
import { answerComments, orLogged } from './answering.ts';
import type { DailyLook } from './daily-look.ts';
import { about, type PassContext, skip } from './pass-context.ts';
import { type Base, idleBecause, isOnOwnBranch, pullsInScope, type Ready } from './pass-rules.ts';

/** What asked for the pass, as found on the forge. */
export type Intake = {
  readonly sessions: readonly CommandSession[];
  /** Pull requests that something happened to. */
  readonly pulls: readonly PullRequest[];
  /** Of these, the ones of other people, whose pins are to be checked. */
  readonly toCheck: readonly PullRequest[];
};

/** Settings to work by, and what stands on the forge already. */
export type Usable = { readonly settings: Ready; readonly ownIssues: readonly Issue[] };

/** What the forge says of the repository; null where it is none to work on. Throws what the forge throws. */
export async function reachableFacts(context: PassContext): Promise<RepositoryFacts | null> {
  try {
    const facts = await context.forge.facts();
    if (facts.archived) return skip(context, 'the repository is archived');
    if (facts.disabled) return skip(context, 'the repository is disabled');
    return facts;
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error;
    return skip(context, 'the repository is gone or no longer readable');
  }
}

/**
 * The pass under the name that the repository has now; null where it is the one asked for. A forge forwards the old name
 * for reading; everything else wants the new one.
 */
export async function underItsNewName(
  context: PassContext,
  { owner, name }: RepositoryFacts,
): Promise<PassContext | null> {
  const { options, request } = context;
  const repository = { owner, name };
  if (repositoryKey(repository) === repositoryKey(request.repository)) return null;
  options.log.info(about(context, { now: repositoryKey(repository) }), 'the repository was renamed');
  const forge = await options.openForge(repository, request.installationId);
  return { ...context, forge, request: { ...request, repository } };
}

/** Takes in the comments (each is shown that it was seen) and the pull requests that something happened to. */
export async function takeIn({ forge, request }: PassContext): Promise<Intake> {
  const sessions: CommandSession[] = [];
  for (const command of request.commands) sessions.push(await openCommand(forge, command));
  const pulls = await pullsInScope(forge, request);
  return { sessions, pulls, toCheck: pulls.filter((pull) => !isOnOwnBranch(pull)) };
}

/**
 * The settings that the repository is worked on by; null where it is not, which comments are told then. Settings that
 * cannot be read get an issue, and a check on the commits that wait for one.
 */
export async function usableSettings(
  context: PassContext,
  daily: DailyLook,
  at: { readonly facts: RepositoryFacts; readonly home: Base },
  found: Intake,
): Promise<Usable | null> {
  const { forge } = context;
  const settings = await loadSettings(context, at);
  const ownIssues = await forge.ownIssues();
  // Issues may be switched off: the comments and the checks are told all the same.
  const configIssue = (file: string, problems: readonly string[]): Promise<void> =>
    orLogged(context, 'the issue about the settings could not be written', () =>
      syncConfigIssue(forge, ownIssues, file, problems),
    );
  const giveUp = async (line: string): Promise<void> => {
    const told = found.sessions.map((session) => say(session, [line], true));
    await answerComments(context, told, null);
  };
  if (settings.status === 'broken') {
    const { file, problems } = settings;
    await configIssue(file, problems);
    await giveUp(`The settings cannot be read: ${escapeMarkdown(problems[0] ?? file, 500)}`);
    const why = `the settings cannot be read: ${problems.join('; ')}`;
    await daily.notChecked(await waitingCommits(context, at.home, found), why);
    return skip(context, why);
  }
  await configIssue('', []);
  const idle = idleBecause(settings, at.facts);
  if (idle !== null) {
    await giveUp(`Pinwheel does nothing here: ${idle}.`);
    return skip(context, idle);
  }
  return { settings, ownIssues };
}

async function loadSettings(
  { forge, organisationFile }: PassContext,
  { facts, home }: { readonly facts: RepositoryFacts; readonly home: Base },
): Promise<LoadedSettings> {
  const own = await findSettings(forge.treeAt(home.commit));
  const organisation = facts.name === forge.ownerRepository ? null : await organisationFile(forge);
  return readSettings(organisation, own);
}

/** The commits that a required check may be waited for on. */
async function waitingCommits(
  { forge, request }: PassContext,
  home: Base,
  { pulls }: Intake,
): Promise<readonly string[]> {
  const heads = pulls.flatMap((pull) => (pull.state === 'open' ? [pull.head.sha] : []));
  const queued = await Promise.all(request.scope.mergeGroups.map((branch) => forge.branchTip(branch)));
  return [home.commit.sha, ...heads, ...queued.filter((sha) => sha !== null)];
}
