import { createHash, randomBytes, randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { onePixelPng } from './pictures.ts';

/** A client that hands in work of all sizes at a server whose storage fails now and then, and checks each answer. */
export interface DiskClient {
  /** Ids of the jobs and files that were acknowledged, files with their SHA-256. */
  readonly jobs: Set<string>;
  readonly files: Map<string, string>;
  /** Statuses and how often they came. */
  readonly statuses: Map<string, number>;
  /** Answers that no client should get. */
  readonly wrong: string[];
  /** Sends one request of each kind, each once. */
  round(): Promise<void>;
  /** Goes on with rounds until it is told to end. */
  start(): void;
  end(): Promise<void>;
}

export async function diskClient(url: () => string): Promise<DiskClient> {
  const large = await noisePicture(500);
  const jobs = new Set<string>();
  const files = new Map<string, string>();
  const statuses = new Map<string, number>();
  const wrong: string[] = [];
  let going = false;
  let loops: Promise<void>[] = [];

  async function post(path: string, type: string, body: Uint8Array<ArrayBuffer> | string): Promise<unknown> {
    const response = await fetch(`${url()}${path}`, {
      method: 'POST',
      headers: { 'content-type': type, 'idempotency-key': randomUUID() },
      body,
      signal: AbortSignal.timeout(30_000),
    });
    const answer: unknown = await response.json();
    const { status, headers } = response;
    statuses.set(`${status}`, (statuses.get(`${status}`) ?? 0) + 1);
    if (status < 300) return answer;
    const isProblem = headers.get('content-type') === 'application/problem+json';
    const isExpected = (status === 507 || status === 503) && headers.get('retry-after') !== null;
    if (!isProblem || !isExpected) wrong.push(`${path} ${status} ${JSON.stringify(answer)}`);
    return null;
  }

  const idOf = (answer: unknown) => (typeof answer === 'object' && answer !== null && 'id' in answer ? String(answer.id) : null);
  async function job(body: Buffer, query: string): Promise<void> {
    const id = idOf(await post(`/v1/thumbnails?fresh=true${query}`, 'image/png', new Uint8Array(body)));
    if (id !== null) jobs.add(id);
  }
  async function file(): Promise<void> {
    const bytes = new Uint8Array(randomBytes(300_000));
    const id = idOf(await post('/v1/files', 'application/octet-stream', bytes));
    if (id !== null) files.set(id, createHash('sha256').update(bytes).digest('hex'));
  }
  async function batch(): Promise<void> {
    const source = { base64: onePixelPng.toString('base64') };
    const members = Array.from({ length: 5 }, () => ({ service: 'thumbnails', source, fresh: true }));
    const answer = await post('/v1/jobs', 'application/json', JSON.stringify({ jobs: members }));
    if (typeof answer !== 'object' || answer === null) return;
    for (const each of JSON.stringify(answer).matchAll(/"id":"([0-9a-f-]{36})"/g)) jobs.add(each[1] ?? '');
  }

  const kinds = [() => job(onePixelPng, ''), () => job(large, '&width=450&format=png'), file, batch];
  const round = async () => void (await Promise.all(kinds.map((kind) => kind())));
  const loop = async (kind: () => Promise<void>) => {
    while (going) {
      await kind();
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  };
  return {
    jobs,
    files,
    statuses,
    wrong,
    round,
    start() {
      going = true;
      loops = kinds.map(loop);
    },
    async end() {
      going = false;
      await Promise.all(loops);
    },
  };
}

/** A picture that no format makes small. */
export function noisePicture(side: number): Promise<Buffer> {
  return sharp(randomBytes(side * side * 3), { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}
