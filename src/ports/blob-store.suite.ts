import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { ServiceError } from '../core/errors.ts';
import { isId, newId } from '../core/ids.ts';
import type { BlobStore } from './blob-store.ts';

const bytesMax = 10_000_000;
const hour = 3_600_000;

/** What every blob store does. `open` gives an empty store that measures age by the clock. */
export function describeBlobStore(name: string, open: (clock: ManualClock) => Promise<BlobStore>): void {
  describe(`the ${name} blob store`, () => {
    let clock: ManualClock;
    let store: BlobStore;
    let folder: string;

    beforeEach(async () => {
      clock = new ManualClock(Date.now());
      store = await open(clock);
      folder = await mkdtemp(join(tmpdir(), 'coatcheck-blobs-suite-'));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    const put = (...chunks: Uint8Array[]) => store.put(Readable.from(chunks), { bytesMax });
    const content = async (id: string, range?: { start: number; end: number }) => buffer(await store.open(id, range));
    async function older(ageMs: number): Promise<string[]> {
      const ids: string[] = [];
      for await (const page of store.older(ageMs)) ids.push(...page);
      return ids.sort();
    }
    async function expectNothingStored(): Promise<void> {
      clock.advance(hour);
      expect(await older(0)).toEqual([]);
      expect(await store.sweep()).toBe(0);
    }

    test('bytes come back as they were put, counted and hashed', async () => {
      const chunks = [randomBytes(1), randomBytes(70_000), randomBytes(300_000), randomBytes(3)];
      const whole = Buffer.concat(chunks);
      const stored = await put(...chunks);
      expect(isId(stored.id)).toBe(true);
      expect(stored).toEqual({ id: stored.id, bytes: whole.length, sha256: createHash('sha256').update(whole).digest('hex') });
      expect((await content(stored.id)).equals(whole)).toBe(true);
    });

    test('an empty blob is a blob', async () => {
      const stored = await put();
      expect(stored.bytes).toBe(0);
      expect(await content(stored.id)).toHaveLength(0);
    });

    test('the same bytes put twice are two blobs, and removing one leaves the other', async () => {
      const [first, second] = [await put(Buffer.from('twice')), await put(Buffer.from('twice'))];
      expect(first.id).not.toBe(second.id);
      await store.remove(first.id);
      await expect(store.open(first.id)).rejects.toMatchObject({ code: 'not-found' });
      expect((await content(second.id)).toString()).toBe('twice');
    });

    test('many blobs put at once each keep their own bytes', async () => {
      const bodies = Array.from({ length: 40 }, (_, number) => Buffer.alloc(1_000 * number, number));
      const stored = await Promise.all(bodies.map((body) => put(body)));
      for (const [number, body] of bodies.entries()) expect((await content(stored[number]?.id ?? '')).equals(body)).toBe(true);
    });

    test.each([
      [{ start: 0, end: 0 }, 'a'],
      [{ start: 2, end: 4 }, 'cde'],
      [{ start: 25, end: 25 }, 'z'],
      [{ start: 0, end: 25 }, 'abcdefghijklmnopqrstuvwxyz'],
    ])('the range %j is those bytes, its ends included', async (range, text) => {
      const { id } = await put(Buffer.from('abcdefghijklmnopqrstuvwxyz'));
      expect((await content(id, range)).toString()).toBe(text);
    });

    test.each([newId(), '../../etc/passwd', '', 'x'])('there are no bytes under %j', async (id) => {
      await expect(store.open(id)).rejects.toMatchObject({ code: 'not-found' });
      await expect(store.placeAt(id, join(folder, 'copy'))).rejects.toMatchObject({ code: 'not-found' });
      await store.remove(id);
    });

    test('a blob is placed at a new path, never over a file that is there, and removing it does no harm', async () => {
      const { id } = await put(Buffer.from('placed'));
      await store.placeAt(id, join(folder, 'placed'));
      expect(await readFile(join(folder, 'placed'), 'utf8')).toBe('placed');
      await writeFile(join(folder, 'taken'), 'mine');
      await expect(store.placeAt(id, join(folder, 'taken'))).rejects.toMatchObject({ code: 'EEXIST' });
      expect(await readFile(join(folder, 'taken'), 'utf8')).toBe('mine');
      await rm(join(folder, 'placed'));
      expect((await content(id)).toString()).toBe('placed');
    });

    test('a copy into a folder that is not there does not look like a missing blob', async () => {
      const { id } = await put(Buffer.from('copied'));
      const error = await store.placeAt(id, join(folder, 'nowhere', 'copy')).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'ENOENT' });
    });

    test('exactly the limit is stored', async () => {
      const stored = await store.put(Readable.from([Buffer.alloc(60), Buffer.alloc(40)]), { bytesMax: 100 });
      expect(stored.bytes).toBe(100);
    });

    test('one byte over the limit is refused in the middle of the stream, which is stopped, and leaves nothing', async () => {
      let given = 0;
      async function* endless() {
        for (;;) {
          given += 1;
          yield Buffer.alloc(300_001);
        }
      }
      const error = await store.put(endless(), { bytesMax: 900_000 }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ServiceError);
      expect(error).toMatchObject({
        code: 'payload-too-large',
        message: expect.stringMatching(/limit is .*COATCHECK_UPLOAD_BYTES_MAX/),
      });
      expect(given).toBe(3);
      await expectNothingStored();
    });

    test('a stream that fails is told of as it failed and leaves nothing', async () => {
      const broken = new Error('the connection broke');
      async function* failing() {
        yield Buffer.alloc(500_000);
        throw broken;
      }
      await expect(store.put(failing(), { bytesMax })).rejects.toBe(broken);
      await expectNothingStored();
    });

    test('an abort ends a put whose source says nothing any more, and leaves nothing', async () => {
      const source = new PassThrough();
      source.write(Buffer.alloc(600_000));
      const stop = new AbortController();
      const putting = store.put(source, { bytesMax, signal: stop.signal });
      await expect.poll(() => source.readableLength).toBe(0);
      stop.abort(new Error('the caller went away'));
      await expect(putting).rejects.toThrow('the caller went away');
      expect(source.destroyed).toBe(true);
      await expectNothingStored();
    });

    test('an abort ends a put also where the source is a generator that hangs', async () => {
      const stop = new AbortController();
      let asked = false;
      async function* hanging() {
        yield Buffer.alloc(10);
        asked = true;
        await new Promise(() => undefined);
      }
      const putting = store.put(hanging(), { bytesMax, signal: stop.signal });
      await expect.poll(() => asked).toBe(true);
      stop.abort(new Error('enough'));
      await expect(putting).rejects.toThrow('enough');
      await expectNothingStored();
    });

    test('a signal that is aborted already stores nothing', async () => {
      const signal = AbortSignal.abort(new Error('too late'));
      await expect(store.put(Readable.from([Buffer.alloc(10)]), { bytesMax, signal })).rejects.toThrow('too late');
      await expectNothingStored();
    });

    test('blobs are listed once they are old enough, and not after they were removed', async () => {
      const { id: first } = await put(Buffer.from('1'));
      const { id: second } = await put(Buffer.from('2'));
      expect(await older(hour)).toEqual([]);
      clock.advance(hour - 1_000);
      expect(await older(hour)).toEqual([]);
      clock.advance(60_000);
      expect(await older(hour)).toEqual([first, second].sort());
      await store.remove(first);
      expect(await older(hour)).toEqual([second]);
    });

    test('more blobs than a page holds are all listed, each once', async () => {
      const stored = await Promise.all(Array.from({ length: 1_200 }, () => put(Buffer.alloc(1))));
      clock.advance(hour);
      expect(await older(0)).toEqual(stored.map(({ id }) => id).sort());
    });

    test('a sweep leaves what is stored', async () => {
      const { id } = await put(Buffer.from('stays'));
      expect(await store.sweep()).toBe(0);
      expect((await content(id)).toString()).toBe('stays');
    });

    test('it answers, and says how much room there is', async () => {
      await store.check();
      const free = await store.freeBytes();
      if (free !== null) expect(free).toBeGreaterThan(0);
    });
  });
}
