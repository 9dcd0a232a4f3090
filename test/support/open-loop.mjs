/**
 * Sends requests by the clock, whether earlier ones are answered or not, in a process of its own, and tells what came back. A
 * task is `{url, path, mediaType, body (base64), perSecond, seconds, sockets, niceness}`. Times count from when a request was due,
 * so that one that had to wait for a socket is as late as its client would find it.
 */
import { Agent, request as httpRequest } from 'node:http';
import { setPriority } from 'node:os';

const tickMs = 5;

process.on('message', (task) => {
  run(task).then(
    (told) => process.send(told),
    (error) => process.send({ failure: String(error?.stack ?? error) }),
  );
});

async function run({ url, path, mediaType, body, perSecond, seconds, sockets, niceness }) {
  goBefore(niceness);
  const agent = new Agent({ keepAlive: true, maxSockets: sockets, scheduling: 'lifo' });
  const bytes = Buffer.from(body, 'base64');
  const headers = { 'content-type': mediaType, 'content-length': bytes.length };
  const address = new URL(path, url);
  const told = {
    sent: 0,
    accepted: [],
    acceptedMs: [],
    acceptedDueMs: [],
    refusedMs: [],
    refusedDueMs: [],
    statuses: {},
    withoutRetryAfter: 0,
    retryAfter: {},
    errors: {},
  };
  let open = 0;
  let idle = () => {};

  const send = (dueAt) => {
    open += 1;
    told.sent += 1;
    const done = (count) => {
      count();
      open -= 1;
      if (open === 0) idle();
    };
    let answered = false;
    const sent = httpRequest(address, { method: 'POST', agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        answered = true;
        done(() => note(response, Buffer.concat(chunks), performance.now() - dueAt, dueAt - begin));
      });
      response.on('error', (error) => fail(error));
    });
    const fail = (error) => {
      if (answered) return;
      answered = true;
      done(() => count(told.errors, error.code ?? error.message));
    };
    sent.on('error', fail);
    sent.end(bytes);
  };

  const note = ({ statusCode, headers: { 'retry-after': retryAfter } }, text, ms, dueMs) => {
    count(told.statuses, statusCode);
    if (statusCode === 202) {
      told.accepted.push(JSON.parse(text).id);
      told.acceptedMs.push(ms);
      told.acceptedDueMs.push(dueMs);
      return;
    }
    told.refusedMs.push(ms);
    told.refusedDueMs.push(dueMs);
    if (/^[1-9]\d*$/.test(retryAfter ?? '')) count(told.retryAfter, retryAfter);
    else told.withoutRetryAfter += 1;
  };

  const begin = performance.now();
  const all = Math.round(perSecond * seconds);
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(all, 1 + Math.floor(((performance.now() - begin) / 1000) * perSecond));
      while (told.sent < due) send(begin + (told.sent / perSecond) * 1000);
      if (told.sent < all) return;
      clearInterval(timer);
      resolve();
    }, tickMs);
  });
  const sendingMs = performance.now() - begin;
  if (open > 0)
    await new Promise((resolve) => {
      idle = resolve;
    });
  agent.destroy();
  return { ...told, sendingMs };
}

/** Only root may go before others; whoever else measures has to wait for its turn like them. */
function goBefore(niceness) {
  try {
    if (niceness !== 0) setPriority(niceness);
  } catch (error) {
    if (error.code !== 'ERR_SYSTEM_ERROR') throw error;
  }
}

function count(counts, key) {
  counts[key] = (counts[key] ?? 0) + 1;
}
