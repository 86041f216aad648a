import { resolve } from 'node:path';
import { openWorktree } from '../adapters/worktree/worktree.ts';
import type { Failure } from '../domain/errors.ts';
import type { Site, SkippedText } from '../domain/site.ts';
import { type Survey, surveyTree } from '../pass/survey.ts';
import { parseArguments } from './arguments.ts';
import { SCAN } from './command-lines/scan.ts';
import { orFailureDocument } from './failure-document.ts';
import { type ExitCode, type Io, write, writeJson } from './io.ts';
import { siteJson } from './json.ts';
import { localSettings } from './local-settings.ts';
import { type Cell, columns, count, paint, printable } from './text.ts';

/** `pinwheel scan`: what is named where. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, SCAN);
  const isJson = parsed.flag('json');
  const failed = ({ code, message }: Failure) => ({
    sites: [],
    skipped: [],
    errors: [{ file: null, line: null, code, message }],
  });
  return orFailureDocument(isJson, io, failed, () =>
    scan(resolve(io.cwd, parsed.positionals[0] ?? '.'), isJson, io),
  );
}

async function scan(root: string, isJson: boolean, io: Io): Promise<ExitCode> {
  const tree = await openWorktree(root);
  const settings = await localSettings(tree);
  const survey = await surveyTree(tree, settings);
  if (isJson) {
    await writeJson(io, {
      sites: survey.sites.map(siteJson),
      skipped: survey.skipped.map(({ file, line, column, text, reason, detail }) => ({
        file,
        line,
        column,
        text,
        reason,
        detail,
      })),
      errors: survey.errors,
      ...(survey.findings.length > 0 ? { findings: survey.findings } : {}),
    });
  } else {
    await write(io.stdout, report(survey, io));
  }
  return survey.errors.length > 0 ? 1 : 0;
}

function report(survey: Survey, io: Io): string {
  const { bold, dim, red, yellow } = paint(io.color);
  const parts: string[] = [];
  const files = new Set(survey.sites.map((site) => site.file)).size;
  if (survey.sites.length === 0) parts.push('No base images found.');
  else {
    parts.push(
      bold(`${count(survey.sites.length, 'place')} in ${count(files, 'file')}`),
      columns(survey.sites.map((site) => siteRow(site, io))),
    );
  }
  if (survey.skipped.length > 0) {
    parts.push('', bold(`${survey.skipped.length} skipped`));
    parts.push(columns(survey.skipped.map((skipped) => skippedRow(skipped, dim))));
  }
  for (const finding of survey.findings) {
    parts.push(
      '',
      `${yellow('note')}: ${printable(`${finding.file}:${finding.line}`)}: ${printable(finding.message)}`,
    );
  }
  for (const error of survey.errors) {
    const place = error.line === null ? error.file : `${error.file}:${error.line}`;
    parts.push('', `${red('error')}: ${printable(place)}: ${printable(error.message)}`);
  }
  const unpinned = survey.sites.filter((site) => site.image.digest === null && site.skip === null).length;
  if (unpinned > 0)
    parts.push(
      '',
      yellow(`${count(unpinned, 'place is', 'places are')} not pinned by digest: pinwheel rotate --pin`),
    );
  return `${parts.join('\n')}\n`;
}

function siteRow(site: Site, io: Io): readonly Cell[] {
  const { cyan, dim, green, yellow } = paint(io.color);
  const label = site.name === null ? site.kind : `${site.kind} ${site.name}`;
  const state: Cell =
    site.skip !== null
      ? { text: `skipped: ${site.skip.reason}`, paint: yellow }
      : site.image.digest === null
        ? { text: 'not pinned', paint: yellow }
        : { text: 'pinned', paint: green };
  return [
    { text: `${site.file}:${site.line}`, paint: cyan },
    { text: label, paint: dim },
    { text: shortReference(site) },
    state,
  ];
}

function skippedRow(skipped: SkippedText, dim: (text: string) => string): readonly Cell[] {
  const text = skipped.text.length > 60 ? `${skipped.text.slice(0, 59)}…` : skipped.text;
  return [
    { text: `${skipped.file}:${skipped.line}`, paint: dim },
    { text, paint: dim },
    { text: skipped.reason },
    { text: skipped.detail, paint: dim },
  ];
}

function shortReference(site: Site): string {
  const { name, tag, digest } = site.image;
  const tagged = tag === null ? name : `${name}:${tag}`;
  return digest === null ? tagged : `${tagged}@${digest.slice(0, 15)}…`;
}
