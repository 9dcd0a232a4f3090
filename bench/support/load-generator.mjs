/** Sends one request, or some by turns, again and again over raw sockets: cheaper than any HTTP client, so that the server is what is measured. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { answering } from './answering.mjs';

const counterDigits = 8;

/** One answer in the bytes that came: its status, length and body, or null while it is not whole. */
function parseAnswer(bytes) {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = bytes.toString('latin1', 0, headEnd);
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined && !/^HTTP\/1.1 (204|304)/.test(head)) throw new Error(`an answer without Content-Length:\n${head}`);
  const end = headEnd + 4 + Number(length ?? 0);
  return bytes.length < end ? null : { status, text: bytes.toString('utf8', headEnd + 4, end) };
}

/** The bytes of the request, and a function that writes its number into them. */
function requestBytes(host, { method, path, mediaType, body, counterAt }) {
  const bodyBytes = Buffer.from(body, 'base64');
  const type = mediaType ? `content-type: ${mediaType}\r\ncontent-length: ${bodyBytes.length}\r\n` : '';
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${type}\r\n`);
  const bytes = Buffer.concat([head, bodyBytes]);
  return {
    bytes,
    number(value) {
      if (counterAt !== null) bytes.write(String(value).padStart(counterDigits, '0'), head.length + counterAt, 'latin1');
    },
  };
}

/** Works through its share of the requests over one connection; `take` gives the number of the next one, or null at the end. */
async function connection(address, requests, take) {
  const prepared = requests.map((request) => ({ request, ...requestBytes(address.host, request) }));
  const socket = connect({ host: address.hostname, port: Number(address.port), noDelay: true });
  await once(socket, 'connect');
  let received = Buffer.alloc(0);
  let request;
  await new Promise((resolve, reject) => {
    const next = () => {
      const value = take();
      if (value === null) return resolve();
      const turn = prepared[value % prepared.length];
      request = turn.request;
      turn.number(value);
      socket.write(turn.bytes);
    };
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      try {
        const answer = parseAnswer(received);
        if (answer === null) return;
        received = Buffer.alloc(0);
        if (answer.status !== request.status)
          throw new Error(`${request.method} ${request.path}: ${answer.status} ${answer.text}`);
        next();
      } catch (error) {
        reject(error);
      }
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    next();
  }).finally(() => socket.destroy());
}

let sent = 0;

async function run({ url, connections, count = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY, request }) {
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let taken = 0;
  const take = () => {
    if (taken >= count || performance.now() >= end) return null;
    taken++;
    return sent++;
  };
  const address = new URL(url);
  const requests = [request].flat();
  await Promise.all(Array.from({ length: connections }, () => connection(address, requests, take)));
  const elapsed = (performance.now() - begin) / 1000;
  return { count: taken, seconds: elapsed, perSecond: taken / elapsed };
}

answering({}, run);
