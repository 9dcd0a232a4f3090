import type { Clock } from '../../core/clock.ts';
import type { DocumentEvent, JobEvent, LogEvent, NewDocumentEvent, NewJobEvent } from '../../core/events.ts';
import { hasEnded, type Job, type StoredFile } from '../../core/job.ts';
import type { DocumentLogRequest } from '../../ports/document-store.ts';
import type { JobAction } from '../../ports/job-actions.ts';
import type { Content, IdempotencyKey, KeptAnswer, LogRequest, Reservation } from '../../ports/job-store.ts';

interface AnswerEntry {
  readonly token: string;
  readonly expiresAt: number;
  readonly kept: KeptAnswer | null;
}

/** What the memory store keeps. Jobs stand in the order in which they were submitted. */
export class Tables {
  readonly jobs = new Map<string, Job>();
  readonly results = new Map<string, string>();
  readonly files = new Map<string, StoredFile>();
  readonly contents = new Map<string, Uint8Array>();
  readonly actions = new Map<string, JobAction>();
  readonly services = new Set<string>();
  readonly paused = new Set<string>();
  /** Ended jobs whose result and files were taken away; a job that changes is another object. */
  readonly pruned = new WeakSet<Job>();
  readonly #events = new Map<string, JobEvent[]>();
  #documentEvents: DocumentEvent[] = [];
  #documentEventsPruned = 0;
  readonly #answers = new Map<string, AnswerEntry>();
  readonly #clock: Clock;
  #position = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  jobsIn(...states: Job['state'][]): Job[] {
    return [...this.jobs.values()].filter((job) => states.includes(job.state));
  }

  /** Queued jobs whose time has come. */
  due(service: string): Job[] {
    return this.jobsIn('queued').filter((job) => job.service === service && job.runAt <= this.#clock.now());
  }

  put(job: Job, ...events: readonly NewJobEvent[]): void {
    this.jobs.set(job.id, job);
    const log = this.#events.get(job.id) ?? [];
    this.#events.set(job.id, log);
    for (const event of events) {
      this.#position += 1;
      log.push({
        ...event,
        position: this.#position,
        job: job.id,
        caller: job.caller,
        service: job.service,
        at: this.#clock.now(),
      });
    }
  }

  events(jobId: string, after: number, limit: number): JobEvent[] {
    return (this.#events.get(jobId) ?? []).filter(({ position }) => position > after).slice(0, limit);
  }

  log({ caller, after, limit }: LogRequest): JobEvent[] {
    const events = [...this.#events.values()].flat().filter((event) => event.caller === caller);
    return pageOf(events, after, limit);
  }

  wholeLog({ after, limit }: Omit<LogRequest, 'caller'>): LogEvent[] {
    return pageOf([...[...this.#events.values()].flat(), ...this.#documentEvents], after, limit);
  }

  /** Writes an event of a document. */
  tell(event: NewDocumentEvent & Pick<DocumentEvent, 'collection' | 'id' | 'number'>): void {
    this.#position += 1;
    this.#documentEvents.push({ ...event, position: this.#position, at: this.#clock.now() });
  }

  documentLog({ collection, after, limit }: DocumentLogRequest): DocumentEvent[] {
    return pageOf(
      this.#documentEvents.filter((event) => event.collection === collection),
      after,
      limit,
    );
  }

  get documentEventsPruned(): number {
    return this.#documentEventsPruned;
  }

  pruneDocumentLog(limit: number, keepMs: number): number {
    const young = this.#documentEvents.findIndex(({ at }) => at > this.#clock.now() - keepMs);
    const count = Math.min(limit, young === -1 ? this.#documentEvents.length : young);
    this.#documentEventsPruned = this.#documentEvents[count - 1]?.position ?? this.#documentEventsPruned;
    this.#documentEvents = this.#documentEvents.slice(count);
    return count;
  }

  logEnd(): number {
    return this.#position;
  }

  delete(job: Job): void {
    this.jobs.delete(job.id);
    this.results.delete(job.id);
    this.#events.delete(job.id);
  }

  isInUse(fileId: string): boolean {
    return this.jobsIn('queued', 'running').some((job) => job.source?.file === fileId);
  }

  file(id: string): StoredFile | null {
    const file = this.files.get(id);
    return file !== undefined && (file.expiresAt > this.#clock.now() || this.isInUse(id)) ? file : null;
  }

  /** All of them or, where one is there already, none. */
  insertFiles(files: readonly StoredFile[]): void {
    const known = files.find(({ id }) => this.files.has(id));
    if (known !== undefined) throw new Error(`there is a file ${known.id} already`);
    for (const file of files) this.files.set(file.id, file);
  }

  keepContents(contents: readonly Content[] = []): void {
    for (const { blob, bytes } of contents) this.contents.set(blob, bytes);
  }

  /** `expiresAt` makes the new time of each file that came with the job or that it made. */
  retimeFiles(jobId: string, expiresAt: (file: StoredFile) => number): void {
    for (const file of this.files.values()) {
      if (file.job === jobId) this.files.set(file.id, { ...file, expiresAt: expiresAt(file) });
    }
  }

  isReferred(blob: string): boolean {
    return [...this.files.values()].some((file) => file.blob === blob);
  }

  reserve(key: IdempotencyKey, token: string, leaseMs: number): Reservation {
    const entry = this.#answers.get(keyText(key));
    const held = entry !== undefined && entry.expiresAt > this.#clock.now();
    if (held && !(entry.token === token && entry.kept === null)) {
      if (entry.kept === null) return { kind: 'in-progress' };
      return { kind: 'answered', fingerprint: entry.kept.fingerprint, answer: entry.kept.answer };
    }
    this.#answers.set(keyText(key), { token, expiresAt: this.#clock.now() + leaseMs, kept: null });
    return { kind: 'reserved' };
  }

  unreserve(key: IdempotencyKey, token: string): void {
    const entry = this.#answers.get(keyText(key));
    if (entry?.token === token && entry.kept === null) this.#answers.delete(keyText(key));
  }

  unreserveAll(): number {
    const open = [...this.#answers].filter(([, { kept }]) => kept === null);
    for (const [key] of open) this.#answers.delete(key);
    return open.length;
  }

  mayKeep(answer: KeptAnswer | undefined): boolean {
    if (answer === undefined) return true;
    const entry = this.#answers.get(keyText(answer));
    return entry?.token === answer.token && entry.kept === null;
  }

  mayReplace(answer: KeptAnswer): boolean {
    return this.#answers.get(keyText(answer))?.token === answer.token;
  }

  keep(answer: KeptAnswer | undefined): void {
    if (answer === undefined) return;
    this.#answers.set(keyText(answer), { token: answer.token, expiresAt: this.#clock.now() + answer.keepMs, kept: answer });
  }

  pruneAnswers(limit: number): number {
    const expired = [...this.#answers].filter(([, { expiresAt }]) => expiresAt <= this.#clock.now()).slice(0, limit);
    for (const [key] of expired) this.#answers.delete(key);
    return expired.length;
  }

  /** Ended jobs that are past their time by `ms`, the longest past first. */
  endedSince(ms: number): Job[] {
    const past = [...this.jobs.values()].filter((job) => hasEnded(job.state) && job.expiresAt <= this.#clock.now() - ms);
    return past.sort((a, b) => a.expiresAt - b.expiresAt);
  }
}

function pageOf<T extends LogEvent>(events: readonly T[], after: number, limit: number): T[] {
  return events
    .filter(({ position }) => position > after)
    .sort((a, b) => a.position - b.position)
    .slice(0, limit);
}

function keyText({ caller, key }: IdempotencyKey): string {
  return JSON.stringify([caller, key]);
}
