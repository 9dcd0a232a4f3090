import type { EventText } from './cloud-events.ts';
import { textFrame } from './text-frame.ts';

/** How an event goes out to a reader, in bytes that are the same for all who hear the topic in this form. */
export type Form = (topic: string, event: EventText) => Buffer;

/** As a message of a WebSocket. */
export const asMessage: Form = (topic, { json }) =>
  textFrame(`{"type":"event","topic":${JSON.stringify(topic)},"event":${json}}`);

/** As a server-sent event. */
export const asServerSentEvent: Form = (_topic, { id, type, json }) =>
  Buffer.from(`id: ${id}\nevent: ${type}\ndata: ${json}\n\n`);
