import type { Result } from './contract.ts';
import type { ModelDescription } from './model-description.ts';

/** The most likely labels by falling score; of equal ones the earlier first. */
export function topLabels(
  numbers: Float32Array,
  labels: readonly string[],
  output: ModelDescription['output'],
  top: number,
): Result['labels'] {
  const scores = output === 'softmax' ? Float64Array.from(numbers, within) : softMax(numbers);
  return bestOf(scores, top).map((index) => ({
    index,
    label: labels[index] ?? String(index),
    score: scores[index] ?? 0,
  }));
}

/** The places of the largest numbers, in order. Each number is compared with the least of those found so far, which most do not pass. */
function bestOf(scores: Float64Array, count: number): number[] {
  const best: number[] = [];
  const scoreAt = (at: number) => scores[best[at] ?? -1] ?? Number.NEGATIVE_INFINITY;
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] ?? 0;
    if (best.length === count && score <= scoreAt(count - 1)) continue;
    let at = best.length;
    while (at > 0 && scoreAt(at - 1) < score) at--;
    best.splice(at, 0, index);
    if (best.length > count) best.pop();
  }
  return best;
}

/** The largest is taken off first: powers of what is left cannot overflow. */
export function softMax(numbers: Float32Array): Float64Array {
  const powers = new Float64Array(numbers.length);
  let largest = Number.NEGATIVE_INFINITY;
  for (const number of numbers) largest = Math.max(largest, number);
  let sum = 0;
  for (let index = 0; index < powers.length; index++) {
    const power = Math.exp((numbers[index] ?? 0) - largest);
    powers[index] = power;
    sum += power;
  }
  return powers.map((power) => power / sum);
}

/** Rounding of the model may leave a score just outside. */
function within(score: number): number {
  return Math.min(1, Math.max(0, score));
}
