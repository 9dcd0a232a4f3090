import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import {
  type LiveCommand,
  PingCommand,
  type ResultMessage,
  type ResyncMessage,
  SubscribeCommand,
  UnsubscribeCommand,
} from '../../contracts/live.ts';
import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { fromTheStart } from '../../core/live.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { Taps } from '../../ports/taps.ts';
import { eventCursor, eventPosition } from '../cursor.ts';
import { parseStrictJsonText } from '../intake/strict-json.ts';
import { problemOf, publicError } from '../problem.ts';
import { compileStrict, invalidFields } from '../validation.ts';
import { catchUp } from './catch-up.ts';
import { asMessage } from './forms.ts';
import { type Hub, keyOf } from './hub.ts';
import { HubSocket } from './hub-socket.ts';
import { noJob, readTopics, refuseTooMany, type Subscription, SubscriptionGroup, type Topic } from './subscriptions.ts';
import { textFrame } from './text-frame.ts';

export interface SessionParts {
  readonly engine: Engine;
  readonly taps: Taps;
  readonly clock: Clock;
  readonly log: Log;
  readonly hub: Hub;
  readonly path: string;
  readonly caller: string;
  readonly traceId: string;
}

const checks = {
  subscribe: compileStrict(SubscribeCommand),
  unsubscribe: compileStrict(UnsubscribeCommand),
  ping: compileStrict(PingCommand),
};

/** Commands of one client are read no further ahead than this. */
const commandsAhead = 64;

const words = {
  tooSlow: 'You read too slowly; resume with `since`.',
  stopping: 'The server is stopping; resume with `since`.',
};

/** One WebSocket: carries out its commands one after the other and answers each. */
export class LiveSession extends HubSocket {
  readonly #parts: SessionParts;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #commands: string[] = [];
  #working = false;

  constructor(parts: SessionParts, socket: WebSocket, stream: Duplex) {
    super({ ...parts, words }, socket, stream);
    this.#parts = parts;
    socket.on('message', (data, isBinary) => {
      if (isBinary) socket.close(1003, 'Commands are text.');
      else this.#take(data.toString());
    });
    socket.once('close', (code) => this.#ended(code));
    parts.hub.join(this);
  }

  #ended(code: number): void {
    const { hub, log, traceId } = this.#parts;
    log.info({ traceId, code, topics: this.#subscriptions.size }, 'live.closed');
    this.#commands.length = 0;
    for (const subscription of this.#subscriptions.values()) hub.remove(subscription);
    this.#subscriptions.clear();
    hub.leave(this);
  }

  #take(text: string): void {
    if (this.#commands.length >= limits.liveCommandsWaitingMax) {
      this.socket.close(1008, 'Too many commands at once.');
      return;
    }
    this.#commands.push(text);
    if (this.#commands.length > commandsAhead && this.outbox.open) this.socket.pause();
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let text = this.#commands.shift(); text !== undefined && this.outbox.open; text = this.#commands.shift()) {
      await this.#carryOut(text);
      if (this.#commands.length === 0) this.socket.resume();
    }
    this.#working = false;
    this.socket.resume();
  }

  async #carryOut(text: string): Promise<void> {
    const command = readCommand(text);
    if (command === null) {
      this.socket.close(1007, 'A command is a JSON object with an integer id and a type.');
      return;
    }
    const { id } = command;
    try {
      const { type } = command;
      if (type !== 'subscribe' && type !== 'unsubscribe' && type !== 'ping') {
        throw invalidFields([{ pointer: '#/type', detail: 'must be one of subscribe, unsubscribe, ping' }]);
      }
      checks[type](command);
      // Checked by the schema of its type.
      await this.#run(command as unknown as LiveCommand);
    } catch (error) {
      const { traceId, path, log } = this.#parts;
      const told = publicError(error);
      if (told.kind.status >= 500) log.error({ traceId, problem: told.code, err: told.cause ?? told }, 'live.failed');
      this.#tell({ id, type: 'result', success: false, error: problemOf(told, path, traceId) });
    }
  }

  async #run(command: LiveCommand): Promise<void> {
    if (command.type === 'subscribe') return this.#subscribe(command);
    if (command.type === 'unsubscribe') for (const { topic } of readTopics(command.topics)) this.#drop(topic);
    this.#tell({ id: command.id, type: 'result', success: true });
  }

  async #subscribe({ id, topics: wanted, since, tap }: SubscribeCommand): Promise<void> {
    const { hub, caller } = this.#parts;
    refuseTooMany(new Set([...this.#subscriptions.keys(), ...wanted]).size);
    const topics = readTopics(wanted);
    const from = since === undefined ? null : since === fromTheStart ? 0 : eventPosition(since);
    await this.#refuseForeign(topics, wanted);
    await hub.ready();
    if (!this.outbox.open) return;
    if (tap !== undefined) hub.tapSockets.join(this, tap + 0);
    // From here to `add` in one go: what is told from now on is heard.
    const group = new SubscriptionGroup(this.outbox, hub.position, from !== null);
    for (const topic of topics) {
      this.#drop(topic.topic);
      const subscription = { topic: topic.topic, key: keyOf(topic, caller), group, form: asMessage };
      this.#subscriptions.set(topic.topic, subscription);
      hub.add(subscription);
    }
    this.#tell({ id, type: 'result', success: true, since: since ?? eventCursor(hub.position) });
    if (from === null) return;
    const onResync = (position: number) =>
      this.#tell({ type: 'resync', topics: topics.map(({ topic }) => topic), since: eventCursor(position) });
    await catchUp(this.#parts, { caller, topics, group, form: asMessage, since: from, onResync }).catch((cause: unknown) => {
      // The result has been sent: the client must come again to get what it missed.
      this.#parts.log.error({ traceId: this.#parts.traceId, err: cause }, 'live.failed');
      this.socket.close(1011, 'The log cannot be read; resume with `since`.');
    });
  }

  /** Another's job is the same as none. */
  async #refuseForeign(topics: readonly Topic[], wanted: readonly string[]): Promise<void> {
    const { engine, caller } = this.#parts;
    for (const topic of topics) {
      if (topic.kind !== 'job') continue;
      await engine.job(caller, topic.job).catch((error: unknown) => {
        if (error instanceof ServiceError && error.code === 'not-found') throw noJob(`#/topics/${wanted.indexOf(topic.topic)}`);
        throw error;
      });
    }
  }

  #drop(topic: string): void {
    const known = this.#subscriptions.get(topic);
    if (known === undefined) return;
    this.#subscriptions.delete(topic);
    this.#parts.hub.remove(known);
  }

  #tell(message: ResultMessage | ResyncMessage): void {
    this.outbox.send(textFrame(JSON.stringify(message)));
  }
}

/** Null where there is nothing to answer to. */
function readCommand(text: string): { readonly id: number; readonly type?: Json } | null {
  try {
    const value = parseStrictJsonText(text);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
    const { id } = value;
    return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? { ...value, id } : null;
  } catch {
    // It is no JSON: the close that follows says so.
    return null;
  }
}
