import { spawnSync } from 'node:child_process';

/** Whether `strace` works, which shows and changes what a real server hears from the kernel. Where not, that is said loudly; in CI it is an error. */
export function canTrace(test: string): boolean {
  if (spawnSync('strace', ['-f', 'true']).status === 0) return true;
  const sentence = `STRACE DOES NOT WORK HERE: THE TEST OF ${test} DOES NOT RUN.`;
  if (process.env.CI !== undefined) throw new Error(sentence);
  console.warn(sentence);
  return false;
}
