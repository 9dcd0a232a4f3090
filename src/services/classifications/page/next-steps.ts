import type { Result } from '../contract.ts';
import { bundledModel } from '../contract.ts';

/** What can be done with a picture of this kind. */
export interface NextStep {
  readonly service: string;
  /** What its button says. */
  readonly words: string;
}

const readText: NextStep = { service: 'ocr', words: 'Read its text' };
const takeTables: NextStep = { service: 'tables', words: 'Take out its tables' };
const makeThumbnails: NextStep = { service: 'thumbnails', words: 'Make a thumbnail' };

/** By the labels of the bundled model; of a blank picture nothing can be made. */
const stepsByKind: Readonly<Record<string, NextStep>> = {
  'text document': readText,
  'form or receipt': readText,
  screenshot: readText,
  table: takeTables,
  chart: makeThumbnails,
  'line drawing': makeThumbnails,
  photograph: makeThumbnails,
};

/** A kind that is that likely beside the first one is worth a second offer. */
const likelyScore = 0.2;

/** What to do next with a picture, the likeliest first; nothing where another model was asked, whose labels say something else. */
export function nextSteps({ model, labels }: Result): NextStep[] {
  if (model !== bundledModel) return [];
  const likely = labels.filter(({ score }, at) => at === 0 || score >= likelyScore);
  return [...new Set(likely.flatMap(({ label }) => stepsByKind[label] ?? []))];
}
