/** What the exit code of every command tells a script. */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2, unreachable: 3, stopped: 4 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `
Exit codes:
  0  done
  1  the request or the job failed; doctor: there is a problem
  2  wrong usage: a flag, a setting or a file that cannot be used
  3  the server cannot be reached
  4  the job was canceled, or the waiting ended before the job did`;
