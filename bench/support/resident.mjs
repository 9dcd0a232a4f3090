import { readFileSync } from 'node:fs';

const kilobyte = 1024;

/** Resident size of a process in bytes (Linux). */
export function residentBytes(pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * kilobyte;
}

/** Samples the resident size of a process until `stop` is called, which tells the most that was seen. */
export function watchResident(pid, everyMs = 20) {
  let peak = residentBytes(pid);
  const timer = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid));
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(peak, residentBytes(pid));
    },
  };
}
