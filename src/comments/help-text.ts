import { table } from '../report/markdown.ts';

const COMMANDS: readonly (readonly [string, string])[] = [
  [
    '/rotate',
    'on a pull request of Pinwheel: look the tags up again and build it anew; on another pull request: rotate the images in the files it touches; on an issue: a pass over the repository',
  ],
  ['/rotate all', 'a pass over the repository'],
  ['/rotate IMAGE[:TAG]', 'rotate this image, even if its digest was closed or is held'],
  ['/rotate rebase', 'build this pull request anew, whoever pushed to it'],
  ['/rotate hold IMAGE [for 30d] [because …]', 'leave an image where it is'],
  ['/rotate unhold IMAGE', 'no longer'],
  ['/rotate ignore [IMAGE]', 'never propose an image again, or the digests of this pull request'],
  ['/rotate status', 'what is open, held and blocked'],
];

/** What `/rotate help` answers: Markdown. */
export function helpText(): string {
  const rows = COMMANDS.map(([command, meaning]) => [`\`${command}\``, meaning]);
  return `${table(['command', 'what it does'], rows)}\n\nOnly people with write access are obeyed. Holds and ignores are written to the settings file, by a pull request.`;
}
