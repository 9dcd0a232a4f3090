// Writes documents to the database that it is given until it is killed, and tells each call before it is made and once it is durable.
import { writeSync } from 'node:fs';
import { openThreadedJobStore } from '../../dist/adapters/sqlite/threaded-job-store.js';
import { systemClock } from '../../dist/core/clock.js';
import { newId } from '../../dist/core/ids.js';

const [path, collection] = process.argv.slice(2);
const store = await openThreadedJobStore({ path, clock: systemClock });
await store.declare([JSON.parse(collection)]);
const { name } = JSON.parse(collection);
const mine = [];

function pour() {
  const id = newId();
  const body = { tap: Math.floor(Math.random() * 7), at: Date.now() - Math.floor(Math.random() * 60_000), step: 0 };
  return { kind: 'insert', collection: name, id, key: id, body, event: { type: 'poured', data: body } };
}

function change() {
  const [id] = Math.random() < 0.4 ? mine.splice(Math.floor(Math.random() * mine.length), 1) : [];
  if (id === undefined) return pour();
  if (Math.random() < 0.6) return { kind: 'remove', collection: name, id, event: { type: 'removed', data: {} } };
  const body = { tap: 9, at: Date.now(), step: 1 };
  return { kind: 'replace', collection: name, id, body, event: { type: 'moved', data: body } };
}

async function write() {
  for (;;) {
    const changes = Array.from({ length: 1 + Math.floor(Math.random() ** 3 * 40) }, change);
    const told = changes.map(({ kind, id }) => [kind, id]);
    writeSync(1, `${JSON.stringify({ asked: told })}\n`);
    const outcomes = await store.writeDocuments(changes);
    if (outcomes.some(({ kind }) => kind !== 'written')) throw new Error(JSON.stringify(outcomes));
    writeSync(1, `${JSON.stringify({ done: told })}\n`);
    for (const { kind, id } of changes) if (kind === 'insert') mine.push(id);
  }
}

await Promise.all(Array.from({ length: 8 }, write));
