import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { RawAnswer } from './http-server.ts';
import { publicName, type RunningProxy } from './proxy.ts';

/** A request to the server as clients of the public name send it. */
export interface Outward {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
  /** The address that it is sent from: any of 127.0.0.0/8. */
  readonly from?: string;
}

/** What a TLS client needs to know to believe the proxy. */
export const trusting = ({ certificate }: RunningProxy) => ({ ca: certificate, servername: publicName });

/** Begins a request over a connection of its own, whose body is to be sent yet. */
export function openThrough(
  proxy: RunningProxy,
  path: string,
  { method = 'GET', headers = {}, from }: Outward = {},
): ClientRequest {
  return request({
    ...trusting(proxy),
    host: '127.0.0.1',
    port: proxy.port,
    path,
    method,
    headers: { host: publicName, ...headers },
    agent: false,
    ...(from === undefined ? {} : { localAddress: from }),
  });
}

export async function callThrough(proxy: RunningProxy, path: string, outward: Outward = {}): Promise<RawAnswer> {
  const { body } = outward;
  const headers = body === undefined ? outward.headers : { 'content-length': Buffer.byteLength(body), ...outward.headers };
  const sent = openThrough(proxy, path, { ...outward, ...(headers === undefined ? {} : { headers }) });
  sent.end(body);
  return answerOf(sent);
}

/** The whole answer of a request that is under way. */
export async function answerOf(sent: ClientRequest): Promise<RawAnswer> {
  const response = await responseOf(sent);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const { server, ...headers } = response.headers;
  const status = response.statusCode ?? 0;
  // nginx and Caddy tell their own names in every answer.
  return {
    status,
    headers: /^(nginx|Caddy)/.test(String(server)) ? headers : response.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

/** Resolves with the head of an answer; its body is still to come. */
export async function responseOf(sent: ClientRequest): Promise<IncomingMessage> {
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (response === undefined) throw new Error('there is no response');
  // Who is refused may have something left to send.
  sent.on('error', () => {});
  return response;
}
