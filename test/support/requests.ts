/** Requests as the tests of bad inputs spell them: each helper makes one way to hand in something. */
import type { Call } from './http-server.ts';

/** A request and where it goes. */
export interface Sent extends Call {
  readonly path: string;
}

const boundary = 'bbbb';
const formHeaders = { 'content-type': `multipart/form-data; boundary=${boundary}` };

/** Bytes as the whole body; as a PNG unless the headers say otherwise. */
export function raw(body: Buffer | string, headers: Readonly<Record<string, string>> = {}, path = '/v1/thumbnails'): Sent {
  return { path, method: 'POST', headers: { 'content-type': 'image/png', ...headers }, body };
}

/** The same without telling its length beforehand. */
export function chunked(body: Buffer | string, path?: string): Sent {
  return raw(body, { 'transfer-encoding': 'chunked' }, path);
}

/** A value, or text that is sent as it is, as JSON. */
export function json(value: unknown, path = '/v1/thumbnails', headers: Readonly<Record<string, string>> = {}): Sent {
  const body = typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value);
  return { path, method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
}

export function part(headers: string, content: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')]);
}

export function filePart(content: string | Buffer, name = 'a.png'): Buffer {
  return part(`Content-Disposition: form-data; name="file"; filename="${name}"`, content);
}

export function fieldPart(name: string, value: string): Buffer {
  return part(`Content-Disposition: form-data; name="${name}"`, value);
}

export function form(...parts: Buffer[]): Sent {
  return cutForm(...parts, Buffer.from(`--${boundary}--\r\n`));
}

/** A form without its end. */
export function cutForm(...parts: Buffer[]): Sent {
  return { path: '/v1/thumbnails', method: 'POST', headers: formHeaders, body: Buffer.concat(parts) };
}

export function get(path: string, headers: Readonly<Record<string, string>> = {}): Sent {
  return { path, headers };
}

export function post(path: string, headers: Readonly<Record<string, string>> = {}): Sent {
  return { path, method: 'POST', headers };
}

/** The same request to another place. */
export function to(path: string, sent: Sent): Sent {
  return { ...sent, path };
}
