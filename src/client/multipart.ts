/** The bytes of a request that carries a file and, before it, what is asked for as JSON (`multipart/form-data`, RFC 7578). */
export interface MultipartBody {
  readonly contentType: string;
  /** Null where the length of the file is not known. */
  readonly bytes: number | null;
  /** A `Blob` can be sent again, a stream only once. */
  readonly body: Blob | ReadableStream<Uint8Array>;
}

export interface FilePart {
  readonly bytes: Blob | ReadableStream<Uint8Array>;
  readonly name: string;
  readonly mediaType: string;
}

/** With `request` null the file is alone. */
export function multipartBody(file: FilePart, request: unknown): MultipartBody {
  const boundary = `coatcheck-${crypto.randomUUID()}`;
  const before = [
    request === null
      ? ''
      : `--${boundary}\r\nContent-Disposition: form-data; name="request"\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(request)}\r\n`,
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${quoted(file.name)}"\r\nContent-Type: ${file.mediaType}\r\n\r\n`,
  ].join('');
  const after = `\r\n--${boundary}--\r\n`;
  const contentType = `multipart/form-data; boundary=${boundary}`;
  if (!(file.bytes instanceof Blob)) return { contentType, bytes: null, body: joined(before, file.bytes, after) };
  const body = new Blob([before, file.bytes, after]);
  return { contentType, bytes: body.size, body };
}

/** As browsers write it: no quote and no line break can end the header. */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function joined(before: string, file: ReadableStream<Uint8Array>, after: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return file.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode(before)),
      transform: (chunk, controller) => controller.enqueue(chunk),
      flush: (controller) => controller.enqueue(encoder.encode(after)),
    }),
  );
}
