import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../core/clock.ts';
import { ServiceError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import { canonicalJson, type Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import type { Engine } from '../engine/engine.ts';
import type { Answer, IdempotencyKey, KeptAnswer } from '../ports/job-store.ts';
import { sendAnswer } from './answer.ts';
import { callerOf, pathOf } from './request-context.ts';

const unreserveAgainMs = 1_000;

export interface IdempotencyParts {
  readonly engine: Engine;
  readonly clock: Clock;
}

/** A POST in the steps that an idempotency key comes between. */
export interface PostSteps<T> {
  /** Throws where the request would be refused whatever its body is. An answer that is known already is given all the same. */
  admit?(): Promise<void>;
  /** Reads and checks the request. */
  read(): Promise<T>;
  /** Everything that makes one request differ from another, besides method and path. */
  describe(read: T): Json;
  /** Does what was asked for. Where that is one commit, the answer goes into it by `keep`; else it is kept afterwards. */
  act(read: T, keep: Keep | null): Promise<Answer>;
  /** Undoes `read` where nothing comes of it. */
  drop?(read: T): Promise<void>;
}

export interface Keep {
  /** The record of an answer, for the commit of the change that it tells of. */
  record(answer: Answer): KeptAnswer;
  /** Keeps another answer in place of the recorded one; false where that cannot be. */
  replace(answer: Answer): Promise<boolean>;
}

/**
 * Does a POST, at most once for each Idempotency-Key: the key is reserved before the body is read, and a request that comes
 * again gets the answer of the first. Throws `invalid-idempotency-key`, `idempotency-in-progress`, `idempotency-key-reused`.
 */
export async function postOnce<T>(
  parts: IdempotencyParts,
  request: FastifyRequest,
  reply: FastifyReply,
  steps: PostSteps<T>,
): Promise<FastifyReply> {
  const key = idempotencyKey(request.headers['idempotency-key']);
  if (key === null) return sendAnswer(reply, await readAndAct(steps, null));
  const { engine } = parts;
  const own: IdempotencyKey = { caller: callerOf(request), key };
  const token = newId();
  const reservation = await engine.reserve(own, token);
  switch (reservation.kind) {
    case 'in-progress':
      throw new ServiceError('idempotency-in-progress', 'The first request with this Idempotency-Key is still being worked on.', {
        retryAfterSeconds: 1,
      });
    case 'answered': {
      await compare(request, steps, reservation.fingerprint);
      return sendAnswer(reply.header('idempotent-replayed', 'true'), reservation.answer);
    }
    case 'reserved':
      return sendAnswer(reply, await firstTime(parts, request, own, token, steps));
  }
}

async function readAndAct<T>(steps: PostSteps<T>, keepFor: ((read: T) => Keep) | null): Promise<Answer> {
  await steps.admit?.();
  const read = await steps.read();
  try {
    return await steps.act(read, keepFor === null ? null : keepFor(read));
  } catch (error) {
    await steps.drop?.(read);
    throw error;
  }
}

/** The body of a repeated request is read to know that it is the same, then dropped. */
async function compare<T>(request: FastifyRequest, steps: PostSteps<T>, fingerprint: string): Promise<void> {
  const read = await steps.read();
  await steps.drop?.(read);
  if (fingerprintOf(request, steps.describe(read)) === fingerprint) return;
  throw new ServiceError('idempotency-key-reused', 'This Idempotency-Key was sent before with another request.');
}

async function firstTime<T>(
  parts: IdempotencyParts,
  request: FastifyRequest,
  own: IdempotencyKey,
  token: string,
  steps: PostSteps<T>,
): Promise<Answer> {
  const { engine } = parts;
  const renewal = keepReserved(parts, own, token);
  let fingerprint = '';
  let recorded = false;
  try {
    const answer = await readAndAct(steps, (read) => {
      fingerprint = fingerprintOf(request, steps.describe(read));
      return {
        record(first) {
          recorded = true;
          return { ...own, token, fingerprint, answer: first, keepMs: limits.idempotencyKeepMs };
        },
        replace: (other) => engine.keepAnswer(own, token, fingerprint, other),
      };
    });
    await renewal.stop();
    // A reservation that was lost meanwhile does not undo what was done: its answer is given, and not kept.
    if (!recorded) await engine.keepAnswer(own, token, fingerprint, answer);
    return answer;
  } catch (error) {
    await renewal.stop();
    await unreserve(parts, own, token);
    throw error;
  }
}

/**
 * Lets another request have the key. A store that does not take that now is asked again until the lease has run out anyway: the
 * client shall not be told that its request is still worked on when the disk has long had room again.
 */
async function unreserve(
  parts: IdempotencyParts,
  own: IdempotencyKey,
  token: string,
  tries = limits.idempotencyLeaseMs / unreserveAgainMs,
): Promise<void> {
  try {
    await parts.engine.unreserve(own, token);
  } catch {
    // The request itself says what is wrong with the store.
    if (tries > 0) parts.clock.after(unreserveAgainMs, () => void unreserve(parts, own, token, tries - 1));
  }
}

/** Renews the lease of a reservation while a long body comes in. */
function keepReserved({ engine, clock }: IdempotencyParts, own: IdempotencyKey, token: string): { stop: () => Promise<void> } {
  let renewing: Promise<unknown> = Promise.resolve();
  let clearTimer = schedule();
  function schedule(): () => void {
    return clock.after(limits.idempotencyLeaseMs / 3, () => {
      clearTimer = schedule();
      // A store that does not answer now will say so to the request itself; a lease that is lost shows when it commits.
      renewing = engine.reserve(own, token).catch(() => undefined);
    });
  }
  return {
    async stop() {
      clearTimer();
      await renewing;
    },
  };
}

/** The key of the header (quoted, as a structured field, or bare); null without one. */
export function idempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  const text = String(header).trim();
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1]?.replace(/\\(["\\])/g, '$1');
  const key = quoted ?? text;
  if (
    key.length < 1 ||
    key.length > limits.idempotencyKeyCharsMax ||
    !/^[\x20-\x7e]+$/.test(key) ||
    (quoted === undefined && text.includes('"'))
  ) {
    throw new ServiceError(
      'invalid-idempotency-key',
      `An Idempotency-Key has 1 to ${limits.idempotencyKeyCharsMax} printable ASCII characters.`,
    );
  }
  return key;
}

function fingerprintOf(request: FastifyRequest, described: Json): string {
  return createHash('sha256')
    .update(canonicalJson([request.method, pathOf(request), described]))
    .digest('hex');
}
