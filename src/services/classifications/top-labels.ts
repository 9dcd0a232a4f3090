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
  return scores
    .map((score, index) => ({ index, label: labels[index] ?? String(index), score }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, top);
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
