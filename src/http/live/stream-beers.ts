import type { FastifyReply } from 'fastify';
import { limits } from '../../core/limits.ts';
import { eventCursor } from '../cursor.ts';
import { beginEventStream } from '../sse.ts';
import { type CatchUpParts, catchUp } from './catch-up.ts';
import { asServerSentEvent } from './forms.ts';
import type { Hub, HubMember } from './hub.ts';
import { createOutbox } from './outbox.ts';
import { SubscriptionGroup } from './subscriptions.ts';

const topic = { kind: 'beers', topic: 'beers' } as const;

/**
 * Writes what happens to beers as server-sent events, from behind `since` or from now on, until the client goes or the signal
 * aborts. A client that reads too slowly is cut off, and can resume behind the last event that it got.
 */
export async function streamBeers(
  parts: CatchUpParts & { readonly hub: Hub },
  reply: FastifyReply,
  { caller, since, signal }: { readonly caller: string; readonly since: number | null; readonly signal: AbortSignal },
): Promise<void> {
  const { hub, clock } = parts;
  const response = beginEventStream(reply);
  const outbox = createOutbox({
    stream: response,
    isOpen: () => !signal.aborted,
    sendAway: () => response.destroy(),
    onRead: () => {},
  });
  const member: HubMember = {
    kind: 'stream',
    // Who is there is found out by what is written to it.
    beat: () => true,
    terminate: () => response.destroy(),
    goAway: () => void response.end(),
    get bufferedBytes() {
      return outbox.bufferedBytes;
    },
  };
  const beat = () => {
    outbox.send(Buffer.from(': still here\n\n'));
    clearBeat = clock.after(limits.sseHeartbeatMs, beat);
  };
  let clearBeat = clock.after(limits.sseHeartbeatMs, beat);
  hub.join(member);
  try {
    await hub.ready();
    const group = new SubscriptionGroup(outbox, hub.position, since !== null);
    const subscription = { topic: topic.topic, key: 'beers', group, form: asServerSentEvent };
    hub.add(subscription);
    try {
      if (since === null) outbox.send(mark('start', hub.position));
      else {
        const onResync = (position: number) => outbox.send(mark('resync', position));
        await catchUp(parts, { caller, topics: [topic], group, form: asServerSentEvent, since, onResync });
      }
      await aborted(signal);
    } finally {
      hub.remove(subscription);
    }
  } finally {
    hub.leave(member);
    clearBeat();
    response.end();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** A place to go on from. */
function mark(event: 'start' | 'resync', position: number): Buffer {
  return Buffer.from(`id: ${eventCursor(position)}\nevent: ${event}\ndata: {}\n\n`);
}
