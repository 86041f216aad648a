import { tagKey } from '../domain/image-reference.ts';
import { type Explanation, explain, explainUnjudged } from '../policy/explain.ts';
import { NO_CLOCKS } from './clocks.ts';
import type { Pass, PinAnswer } from './pass.ts';

/** Why one pin is answered as it is: facts, rules, verdict; the same words in a terminal and in a pull request. Pure. */
export function explanationOf(answer: PinAnswer): Explanation {
  const { pin, rules, judged, verdict, reasons, clocks, age } = answer;
  if (judged === null || verdict === null) {
    return explainUnjudged({ title: tagKey(pin.image), from: pin.from, verdict, reasons }, rules);
  }
  const { facts, judgement } = judged;
  // The pins it moves with, and the proof of its edits, may have made the verdict stricter.
  const [first, ...others] = reasons;
  const told = first === undefined ? judgement.reasons : ([first, ...others] as const);
  const adopt = verdict === 'rotate' ? judgement.adopt : null;
  const decided = { ...judgement, verdict, reasons: told, adopt };
  return explain({ ...facts, age }, judged.rules, decided, clocks ?? NO_CLOCKS, pin.image);
}

/** The explanations of every pin that a pass was asked about. Images without an answer are among its failures. */
export function explainView({ answers }: Pass): readonly Explanation[] {
  return answers.filter(({ verdict }) => verdict !== null).map(explanationOf);
}
