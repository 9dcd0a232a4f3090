const firstMs = 1_000;
const longestMs = 5 * 60_000;

/**
 * How long a job waits after its failed attempt number `attempt` (1 is the first): exponential from one second up to
 * five minutes, half of it random ("equal jitter"), so that jobs that failed together do not come back together.
 */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(longestMs, firstMs * 2 ** (attempt - 1));
  return Math.round(full / 2 + (random() * full) / 2);
}
