import {
  EventMessage,
  PingCommand,
  ResultMessage,
  ResyncMessage,
  SubscribeCommand,
  UnsubscribeCommand,
} from '../../contracts/live.ts';
import { liveProtocol } from '../../core/live.ts';

/** Every message of `/v1/live` by name: its schema, whether the client sends it, what it is, an example. */
const messages = {
  subscribe: {
    schema: SubscribeCommand,
    fromClient: true,
    summary: 'Hear topics from now on, or from behind an event on. A topic that is subscribed already begins anew.',
    example: { id: 1, type: 'subscribe', topics: ['jobs'], since: 'ZTQy' },
  },
  unsubscribe: {
    schema: UnsubscribeCommand,
    fromClient: true,
    summary: 'Hear topics no longer.',
    example: { id: 2, type: 'unsubscribe', topics: ['jobs'] },
  },
  ping: {
    schema: PingCommand,
    fromClient: true,
    summary:
      'Is answered. Commands are carried out one after the other: behind a `subscribe` the answer says that it has caught up.',
    example: { id: 3, type: 'ping' },
  },
  result: {
    schema: ResultMessage,
    fromClient: false,
    summary: 'How a command went.',
    example: { id: 1, type: 'result', success: true, since: 'ZTQy' },
  },
  event: {
    schema: EventMessage,
    fromClient: false,
    summary: 'Something happened.',
    example: {
      type: 'event',
      topic: 'jobs',
      event: {
        specversion: '1.0',
        id: 'ZTQz',
        source: '/v1/jobs/0198c5f0-1111-7000-8000-000000000001',
        type: 'job.succeeded',
        subject: '0198c5f0-1111-7000-8000-000000000001',
        time: '2026-01-01T12:00:00.000Z',
        data: { service: 'thumbnails', state: 'succeeded', attempt: 1 },
      },
    },
  },
  resync: {
    schema: ResyncMessage,
    fromClient: false,
    summary: 'What lies behind `since` cannot be told any more: read anew what you show; live events follow.',
    example: { type: 'resync', topics: ['jobs'], since: 'ZTk5' },
  },
};

const description = `JSON messages over a WebSocket of the subprotocol \`${liveProtocol}\`. The client sends commands with an integer \`id\`, each is
answered by one \`result\`. Events are CloudEvents 1.0. After a lost connection send the id of the last event as \`since\`: nothing is missed or
repeated for 24 hours, from any server. The server sends a WebSocket ping every 30 seconds. Closes: 1001 it stops, 1003 or 1007 no JSON
command, 1008 too many commands at once, 1009 larger than 64 KB, 1013 the client reads too slowly: come back with \`since\`.`;

/** The AsyncAPI document of `/v1/live`, from the schemas that check what comes in. */
export function asyncApi(version: string): object {
  const entries = Object.entries(messages);
  const channelMessages = (fromClient: boolean) =>
    entries
      .filter(([, message]) => message.fromClient === fromClient)
      .map(([name]) => ({ $ref: `#/channels/live/messages/${name}` }));
  return {
    asyncapi: '3.1.0',
    info: { title: 'Coatcheck live', version, description, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    channels: {
      live: {
        address: '/v1/live',
        messages: Object.fromEntries(entries.map(([name]) => [name, { $ref: `#/components/messages/${name}` }])),
        bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
      },
    },
    operations: {
      command: {
        action: 'receive',
        summary: 'Commands of the client.',
        channel: { $ref: '#/channels/live' },
        messages: channelMessages(true),
        reply: { channel: { $ref: '#/channels/live' }, messages: [{ $ref: '#/channels/live/messages/result' }] },
      },
      tell: {
        action: 'send',
        summary: 'What the server tells.',
        channel: { $ref: '#/channels/live' },
        messages: channelMessages(false),
      },
    },
    components: {
      messages: Object.fromEntries(
        entries.map(([name, { summary, schema, example }]) => [
          name,
          {
            name,
            title: name,
            summary,
            contentType: 'application/json',
            payload: schema,
            examples: [{ name, payload: example }],
          },
        ]),
      ),
    },
  };
}
