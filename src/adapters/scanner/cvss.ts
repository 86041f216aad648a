/** The CVSS v3.x base score of a vector (first.org, CVSS v3.1 specification §7.1), or null where it is no such vector. */
export function cvss3Score(vector: string): number | null {
  if (!/^CVSS:3\.[01]\//.test(vector) || vector.length > 200) return null;
  const metrics = new Map(
    vector
      .split('/')
      .slice(1)
      .map((part): [string, string] => [part.slice(0, part.indexOf(':')), part.slice(part.indexOf(':') + 1)]),
  );
  const changed = metrics.get('S') === 'C';
  const weight = (name: string): number | undefined => {
    const value = metrics.get(name) ?? '';
    if (name === 'PR' && changed) return CHANGED_PRIVILEGES[value];
    return WEIGHTS[name]?.[value];
  };
  const [av, ac, pr, ui] = [weight('AV'), weight('AC'), weight('PR'), weight('UI')];
  const [c, i, a] = [weight('C'), weight('I'), weight('A')];
  if (av === undefined || ac === undefined || pr === undefined || ui === undefined) return null;
  if (c === undefined || i === undefined || a === undefined) return null;
  const base = 1 - (1 - c) * (1 - i) * (1 - a);
  const impact = changed ? 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 : 6.42 * base;
  if (impact <= 0) return 0;
  const exploitability = 8.22 * av * ac * pr * ui;
  return roundUp(Math.min((changed ? 1.08 : 1) * (impact + exploitability), 10));
}

const IMPACT = { H: 0.56, L: 0.22, N: 0 };

const WEIGHTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  PR: { N: 0.85, L: 0.62, H: 0.27 },
  UI: { N: 0.85, R: 0.62 },
  C: IMPACT,
  I: IMPACT,
  A: IMPACT,
};

const CHANGED_PRIVILEGES: Readonly<Record<string, number>> = { N: 0.85, L: 0.68, H: 0.5 };

/** Appendix A of the specification: in integers, for floating point would round 4.02 up to 4.1. */
function roundUp(score: number): number {
  const integer = Math.round(score * 100_000);
  return integer % 10_000 === 0 ? integer / 100_000 : (Math.floor(integer / 10_000) + 1) / 10;
}
