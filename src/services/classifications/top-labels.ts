import type { Result } from './contract.ts';
import type { ModelDescription } from './model-description.ts';

/** The most likely labels by falling score; of equal ones the earlier first. */
export function topLabels(
  numbers: Float32Array,
  labels: readonly string[],
  output: ModelDescription['output'],
  top: number,
): Result['labels'] {
  const scores = output === 'softmax' ? Array.from(numbers, within) : softMax(numbers);
  return bestOf(scores, Math.min(top, scores.length)).map((index) => ({
    index,
    label: labels[index] ?? String(index),
    score: scores[index] ?? 0,
  }));
}

/** The places of the largest numbers, in order. Only those that may be among them are sorted as places, which is slow. */
function bestOf(scores: readonly number[], count: number): number[] {
  const least = Float64Array.from(scores).sort()[scores.length - count] ?? 0;
  return [...scores.keys()]
    .filter((index) => (scores[index] ?? 0) >= least)
    .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b)
    .slice(0, count);
}

/** The largest is taken off first: powers of what is left cannot overflow. */
export function softMax(numbers: Float32Array): number[] {
  const largest = numbers.reduce((most, number) => Math.max(most, number), Number.NEGATIVE_INFINITY);
  const powers = Array.from(numbers, (number) => Math.exp(number - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** Rounding of the model may leave a score just outside. */
function within(score: number): number {
  return Math.min(1, Math.max(0, score));
}
