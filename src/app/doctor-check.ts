/** One thing that the server needs or that is good to know about this machine. */
export interface Check {
  readonly name: string;
  /** `problem`: the server would not run, or not as it should. `note`: it runs, and this is worth knowing. */
  readonly status: 'ok' | 'note' | 'problem';
  readonly found: string;
  /** What to do; null where nothing is. */
  readonly advice: string | null;
}

export function ok(name: string, found: string): Check {
  return { name, status: 'ok', found, advice: null };
}

export function note(name: string, found: string, advice: string | null = null): Check {
  return { name, status: 'note', found, advice };
}

export function problem(name: string, found: string, advice: string): Check {
  return { name, status: 'problem', found, advice };
}
