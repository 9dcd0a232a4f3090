import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FileName } from '../../contracts/job.ts';
import type { StoredFileView } from '../../contracts/stored-file.ts';
import type { StoredFile } from '../../core/job.ts';
import type { Engine } from '../../engine/engine.ts';
import type { NewInput } from '../../engine/received.ts';
import type { Answer } from '../../ports/job-store.ts';
import { jsonAnswer } from '../answer.ts';
import { canBeShown, contentDisposition } from '../content-disposition.ts';
import { postOnce } from '../idempotency.ts';
import type { IntakeParts } from '../intake/read-job-request.ts';
import { readUpload } from '../intake/read-upload.ts';
import { bare, bytes, header, idempotencyHeader, idParams, json, path, ref } from '../openapi-schemas.ts';
import { byteRange, matchesTag } from '../range.ts';
import { callerOf } from '../request-context.ts';
import { type IdParams, pathId } from './path-id.ts';

const tags = ['files'];
/** A file never runs anything in the name of this server, whatever a browser makes of it. */
const sandbox = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
const yearSeconds = 31_536_000;

/** Files for later jobs, and the outputs of finished ones. */
export function fileRoutes(parts: IntakeParts): (app: FastifyInstance) => void {
  const { engine } = parts;
  return (app) => {
    app.post(
      '/v1/files',
      { config: { readsQuery: { properties: { name: FileName } } }, schema: uploadSchema },
      (request, reply) => {
        let stored = false;
        return postOnce(parts, request, reply, {
          read: () => readUpload(parts, request),
          describe: ({ blob, name, mediaType }) => ({ sha256: blob.sha256, name, mediaType }),
          async act(input, keep) {
            const file = await engine.storeFile(
              callerOf(request),
              input,
              keep === null ? undefined : (next) => keep.record(createdAnswer(next)),
            );
            stored = true;
            return createdAnswer(file);
          },
          drop: async (input: NewInput) => {
            if (!stored) await engine.discard(input.blob);
          },
        });
      },
    );

    for (const method of ['GET', 'HEAD']) {
      app.route<IdParams>({
        method,
        url: '/v1/files/:id',
        exposeHeadRoute: false,
        config: { produces: [], problems: ['range-not-satisfiable'] },
        schema: downloadSchema,
        handler: async (request, reply) =>
          sendFile(engine, await engine.file(callerOf(request), pathId(request.params, 'file')), request, reply),
      });
    }

    app.delete<IdParams>(
      '/v1/files/:id',
      {
        config: { problems: ['resource-in-use'] },
        schema: {
          operationId: 'deleteFile',
          summary: 'Remove a file that no job is using',
          tags,
          params: idParams,
          response: { 204: bare('It is gone.') },
        },
      },
      async (request, reply) => {
        await engine.removeFile(callerOf(request), pathId(request.params, 'file'));
        return reply.code(204).send();
      },
    );
  };
}

function createdAnswer(file: StoredFile): Answer {
  return jsonAnswer(201, JSON.stringify(fileView(file)), { location: `/v1/files/${file.id}` });
}

function fileView({ id, name, mediaType, bytes, sha256, picture, createdAt, expiresAt }: StoredFile): StoredFileView {
  return {
    id,
    name,
    mediaType,
    bytes,
    sha256,
    picture: picture && { width: picture.width, height: picture.height, frames: picture.frames },
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    links: { self: `/v1/files/${id}` },
  };
}

/** A file or a part of it; its hash is its strong entity tag, since a stored file never changes. */
async function sendFile(engine: Engine, file: StoredFile, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const tag = `"${file.sha256}"`;
  const isKnown = matchesTag(request.headers['if-none-match'], tag);
  const ifRange = request.headers['if-range'];
  const asksRange = !isKnown && (ifRange === undefined || ifRange === tag);
  // Throws before any header is set: a problem is no part of the file.
  const range = asksRange ? byteRange(request.headers.range, file.bytes) : null;
  reply.headers({
    etag: tag,
    'cache-control': `private, max-age=${yearSeconds}, immutable`,
    'accept-ranges': 'bytes',
    'content-security-policy': sandbox,
  });
  if (isKnown) return reply.code(304).send();
  reply.headers({
    'content-type': file.mediaType,
    'content-disposition': contentDisposition(file.name, (await isShown(engine, file)) ? 'inline' : 'attachment'),
    'content-length': range === null ? file.bytes : range.end - range.start + 1,
    ...(range === null ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${file.bytes}` }),
  });
  reply.code(range === null ? 200 : 206);
  if (request.method === 'HEAD') return reply.send();
  return reply.send(await engine.openFile(file, range ?? undefined));
}

/**
 * What was made here from a picture is shown in place. What a client handed in is saved instead: it may be a picture and a
 * page or a program at once, and nobody here has looked at more of it than its header.
 */
async function isShown(engine: Engine, { id, caller, job, mediaType }: StoredFile): Promise<boolean> {
  if (job === null || !canBeShown(mediaType)) return false;
  return (await engine.job(caller, job)).outputs.includes(id);
}

const uploadSchema = {
  operationId: 'uploadFile',
  summary: 'Store bytes for later jobs',
  description: 'The bytes as they are (named by `?name=` or Content-Disposition), or a form with one part `file`.',
  tags,
  headers: idempotencyHeader,
  body: {
    content: {
      'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
      'multipart/form-data': {
        schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } },
      },
    },
  },
  response: { 201: json('The stored file.', ref('StoredFile'), { Location: header('The file.', path) }) },
};

const unchangedHeaders = {
  ETag: header('Its SHA-256, strong.', { type: 'string', pattern: '^"[0-9a-f]{64}"$' }),
  'Accept-Ranges': header('Ranges can be asked for.', { const: 'bytes' }),
  'Content-Security-Policy': header('It runs nothing in the name of this server.'),
};
const downloadHeaders = {
  ...unchangedHeaders,
  'Content-Disposition': header('Its name, and whether a browser may show it.'),
};

const downloadSchema = {
  operationId: 'getFile',
  summary: 'The bytes of a file',
  tags,
  params: idParams,
  headers: {
    type: 'object',
    properties: { range: { type: 'string' }, 'if-none-match': { type: 'string' }, 'if-range': { type: 'string' } },
  },
  response: {
    200: bytes('All of it.', downloadHeaders),
    206: bytes('The range that was asked for.', {
      ...downloadHeaders,
      'Content-Range': header('Which bytes, and of how many.', { type: 'string', pattern: '^bytes \\d+-\\d+/\\d+$' }),
    }),
    304: bare('It is what If-None-Match names.', unchangedHeaders),
  },
};
