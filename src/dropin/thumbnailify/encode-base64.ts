/** Bytes of a stream as base64 text, a whole number of groups at a time: the padding stands at the end only. */
export async function* encodeBase64(bytes: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const all = Buffer.concat([rest, Buffer.from(chunk)]);
    const whole = all.length - (all.length % 3);
    rest = all.subarray(whole);
    if (whole > 0) yield all.toString('base64', 0, whole);
  }
  if (rest.length > 0) yield rest.toString('base64');
}

/** How long the text is. */
export function base64Chars(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}
