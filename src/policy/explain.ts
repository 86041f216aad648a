import { countBySeverity, SEVERITIES } from '../assess/diff/scan-diff.ts';
import type { Finding } from '../assess/scan.ts';
import type { ImageTrust, SignatureFact } from '../assess/signature.ts';
import { type Digest, shortDigest } from '../domain/digest.ts';
import { type TaggedImage, tagKey } from '../domain/image-reference.ts';
import { details, escapeMarkdown } from '../report/markdown.ts';
import { type AgeAssessment, type PinClocks, sayDays } from './age.ts';
import type { Judgement, PinFacts } from './judge.ts';
import type { FixabilityActions, ImageRules } from './rules.ts';
import type { Reason, Verdict } from './verdict.ts';

/** Why a pin is judged as it is: facts, the rules that met them, the verdict. Plain text, not escaped. */
export type Explanation = {
  readonly title: string;
  readonly facts: readonly ExplanationLine[];
  readonly rules: readonly ExplanationLine[];
  readonly verdict: readonly ExplanationLine[];
};

export type ExplanationLine = { readonly label: string; readonly text: string };

const UNKNOWN = 'unknown';

/** The age of a pin as every view words it: `expired: published 2026-10-11, 40 days ago, …`. */
export function sayAge(age: AgeAssessment | null): string {
  return age === null ? 'not checked' : `${age.status}: ${age.message}`;
}

/**
 * Explains one judgement: what `pinwheel policy explain` prints and the pull request folds. `image`: as the files name it; the
 * facts may be of a newer tag of it. Pure.
 */
export function explain(
  facts: PinFacts,
  rules: ImageRules,
  judgement: Pick<Judgement, 'verdict' | 'reasons' | 'adopt' | 'urgency'>,
  clocks: PinClocks,
  image: TaggedImage = facts.resolution.image,
): Explanation {
  const { resolution } = facts;
  return {
    title: tagKey(image),
    facts: [
      line('pinned', resolution.from ?? 'no digest yet'),
      line('published', clocks.published ?? UNKNOWN),
      line('first seen', clocks.firstSeen ?? UNKNOWN),
      line('pinned on', clocks.pinnedOn ?? UNKNOWN),
      line(
        resolution.image.tag === image.tag ? 'tag points to' : `${resolution.image.tag} points to`,
        resolution.latest.digest,
      ),
      line('which was first seen', facts.firstSeen?.toISOString() ?? 'now'),
      ...securityLines(facts),
      ...trustLines('signatures', facts.trustAfter),
      ...trustLines('signatures before', facts.trustBefore),
    ],
    rules: ruleLines(rules),
    verdict: [
      line('verdict', judgement.verdict),
      line('age', sayAge(facts.age)),
      ...judgement.reasons.map((reason) => line(reason.code, reason.message)),
      ...(judgement.adopt === null ? [] : [line('adopts', judgement.adopt)]),
      ...(judgement.urgency.urgent
        ? [line('urgent', `runs at once, labelled "${judgement.urgency.label}"`)]
        : []),
    ],
  };
}

/** The same of a pin that was not looked up: no digest was asked for. */
export function explainUnjudged(
  pin: {
    readonly title: string;
    readonly from: Digest | null;
    readonly verdict: Verdict | null;
    readonly reasons: readonly Reason[];
  },
  rules: ImageRules,
): Explanation {
  return {
    title: pin.title,
    facts: [line('pinned', pin.from ?? 'no digest yet')],
    rules: ruleLines(rules),
    verdict: [
      line('verdict', pin.verdict ?? 'unknown: no registry answered'),
      ...pin.reasons.map((reason) => line(reason.code, reason.message)),
    ],
  };
}

/** The explanation for a terminal: three blocks of aligned lines. Control characters are dropped. */
export function renderExplanation(explanation: Explanation): string {
  const blocks = [
    ['Facts', explanation.facts],
    ['Rules', explanation.rules],
    ['Verdict', explanation.verdict],
  ] as const;
  const width = Math.max(...blocks.flatMap(([, lines]) => lines.map(({ label }) => label.length)));
  const body = blocks.map(([heading, lines]) => {
    const rows = lines.map(({ label, text }) => `  ${label.padEnd(width)}  ${printable(text)}`);
    return [heading, ...rows].join('\n');
  });
  return `${printable(explanation.title)}\n\n${body.join('\n\n')}\n`;
}

/** The same folded for a pull request: inert Markdown. */
export function renderExplanationMarkdown(explanation: Explanation): string {
  const list = (lines: readonly ExplanationLine[]) =>
    lines.map(({ label, text }) => `- ${escapeMarkdown(label)}: ${escapeMarkdown(text, 500)}`).join('\n');
  const body = [
    `**Facts**\n\n${list(explanation.facts)}`,
    `**Rules**\n\n${list(explanation.rules)}`,
    `**Verdict**\n\n${list(explanation.verdict)}`,
  ].join('\n\n');
  return details(`Why: ${explanation.title}`, body);
}

function ruleLines(rules: ImageRules): readonly ExplanationLine[] {
  const { age, gates, severity } = rules;
  const maximum = age.maximumDays === null ? 'none' : sayDays(age.maximumDays);
  return [
    line('stage', rules.stage),
    line('gates', `baseline ${gates.baseline}, age ${gates.age}, trust ${gates.trust}`),
    line('maximum age', `${maximum}, by ${age.basis.join(', then ')}`),
    line('minimum age', age.minimumDays === 0 ? 'none' : sayDays(age.minimumDays)),
    line(
      'introduced',
      SEVERITIES.map((level) => `${level} ${sayAction(severity.actions[level])}`).join(', '),
    ),
    line('without a scan', severity.withoutScan),
    line('lost signature', rules.lostSignature),
    ...rules.trust.map((rule) => line('trust', `${rule.name} (${rule.image.text})`)),
    ...rules.matched.map((text) => line('from', text)),
  ];
}

function sayAction(actions: FixabilityActions): string {
  if (actions.fixable === actions.unfixable) return actions.fixable;
  return `${actions.fixable} (no fix yet: ${actions.unfixable})`;
}

function securityLines(facts: PinFacts): readonly ExplanationLine[] {
  const fact = facts.security;
  if (fact === null) return [line('vulnerabilities', 'not compared')];
  const known = [
    { label: 'fixes', findings: fact.fixed },
    { label: 'introduces', findings: fact.introduced },
  ];
  // Of a part that was compared, what was found counts; that nothing was found means nothing.
  const told = fact.status === 'compared' ? known : known.filter(({ findings }) => findings.length > 0);
  const lines = told.map(({ label, findings }) => line(label, sayCounts(findings)));
  return fact.status === 'compared' ? lines : [line('vulnerabilities', `unknown: ${fact.reason}`), ...lines];
}

function sayCounts(findings: readonly Finding[]): string {
  const counts = countBySeverity(findings);
  const told = SEVERITIES.filter((level) => counts[level] > 0).map((level) => `${counts[level]} ${level}`);
  return told.length === 0 ? 'nothing' : told.join(', ');
}

function trustLines(label: string, trust: ImageTrust | null): readonly ExplanationLine[] {
  if (trust === null) return [];
  const signatures = trust.signatures.map(({ fact, source }) =>
    line(label, `${saySignature(fact)} (${source})`),
  );
  const attestations = trust.attestations.map((item) =>
    line(label, `${item.predicateType}: ${saySignature(item.fact)}`),
  );
  const unsigned = trust.unsignedProvenance.map((item) =>
    line(
      label,
      `unsigned provenance, information only: ${item.builder ?? 'BuildKit'}, ${item.source ?? 'no source named'}`,
    ),
  );
  const gaps = trust.gaps.map((gap) => line(label, gap));
  const all = [...signatures, ...attestations, ...unsigned, ...gaps];
  return all.length === 0 ? [line(label, `none on ${shortDigest(trust.digest)}`)] : all;
}

function saySignature(fact: SignatureFact): string {
  switch (fact.status) {
    case 'verified': {
      const issuer = fact.issuer === null ? '' : `, ${fact.issuer}`;
      return `by ${fact.identity}${issuer}${fact.logged ? ', logged' : ''}`;
    }
    case 'unsigned':
      return 'not signed';
    case 'invalid':
      return `refused (${fact.code}): ${fact.detail}`;
    case 'unavailable':
      return fact.detail;
  }
}

function line(label: string, text: string): ExplanationLine {
  return { label, text };
}

/** Text from registries and certificates must not move the cursor of a terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, ' ');
}
