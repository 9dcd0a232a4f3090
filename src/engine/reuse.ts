import { hash } from 'node:crypto';
import { parse } from 'node:path';
import { newId } from '../core/ids.ts';
import type { Job, Source, StoredFile } from '../core/job.ts';
import { canonicalJson, type JsonObject } from '../core/json.ts';
import { succeed } from '../core/transitions.ts';
import type { JobChange, Submission } from '../ports/job-store.ts';
import type { Service } from '../ports/service.ts';
import type { EngineParts } from './parts.ts';

type ReusedEnd = Required<Pick<JobChange, 'next' | 'event' | 'reuse'>>;

/** Hash of all that decides a result: the same caller, service, version, bytes and options get the same result. */
export function reuseKey(caller: string, service: Service, source: Source, options: JsonObject): string {
  return hash('sha256', canonicalJson([caller, service.name, service.version, source.sha256, options]), 'base64url');
}

/**
 * Under what the result of an attempt is filed that has just ended. The service may be another one than when the job came in (a new
 * release, another model): then nobody knows which of them made the result, and it is not shared.
 */
export function filedUnder({ services }: Pick<EngineParts, 'services'>, job: Job): string | null {
  const service = services.get(job.service);
  if (service === undefined || job.source === null) return null;
  return reuseKey(job.caller, service, job.source, job.options) === job.reuseKey ? job.reuseKey : null;
}

/**
 * The submission as one that ends at once, with the result of an earlier job and links of its own to the same outputs;
 * null where there is no such result.
 */
export async function reuseResult(parts: EngineParts, queued: Submission): Promise<Submission | null> {
  const reused = await reusedEnd(parts, queued.job);
  return reused === null ? null : { ...queued, job: reused.next, events: [...queued.events, reused.event], reuse: reused.reuse };
}

/** How a job ends that has the result of an earlier one; null where there is no such result. */
export async function reusedEnd({ store, settings }: EngineParts, job: Job): Promise<ReusedEnd | null> {
  const key = job.reuseKey;
  const earlier = key === null ? null : await store.findReusable(key);
  if (earlier === null) return null;
  const result = await store.getResult(earlier.id);
  const outputs = await Promise.all(earlier.outputs.map((id) => store.getFile(id)));
  if (result === null || !outputs.every((file) => file !== null)) return null;

  const now = store.now();
  const expiresAt = now + settings.resultRetentionMs;
  const files = outputs.map((output) => ({
    from: output.id,
    file: { ...linkTo(output, job.id, now, expiresAt), name: ownName(output.name, earlier.source, job.source) },
  }));
  const { next, event } = succeed(
    job,
    files.map(({ file }) => file.id),
    now,
    settings.resultRetentionMs,
  );
  return {
    next: { ...next, reusedFrom: earlier.id },
    event: { type: event.type, data: { reusedFrom: earlier.id } },
    reuse: { result: renamed(result, files), files },
  };
}

function linkTo(output: StoredFile, job: string, now: number, expiresAt: number): StoredFile {
  return { ...output, id: newId(), job, createdAt: now, expiresAt };
}

/** Outputs are called after what was handed in: after `b.png` where that of `a.png` has the same bytes. */
function ownName(name: string | null, earlier: Source | null, own: Source | null): string | null {
  const stems = [earlier, own].map((source) => parse(source?.name ?? '').name);
  const [before = '', after = ''] = stems;
  return before !== '' && after !== '' && name?.startsWith(before) ? `${after}${name.slice(before.length)}` : name;
}

/** A result names its outputs by their ids, which occur nowhere else. */
function renamed(result: string, files: readonly { from: string; file: StoredFile }[]): string {
  return files.reduce((text, { from, file }) => text.replaceAll(`"${from}"`, `"${file.id}"`), result);
}
