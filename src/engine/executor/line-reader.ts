const newline = 10;

/** Cuts a stream of bytes into lines of UTF-8, none of them longer than a limit. */
export class LineReader {
  readonly #bytesMax: number;
  #begun: Buffer[] = [];
  #begunBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The lines that end in this chunk. Throws a `RangeError` as soon as a line is longer than the limit. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      lines.push(this.#finish(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return lines;
  }

  #finish(rest: Buffer): string {
    if (this.#begunBytes === 0) {
      if (rest.length > this.#bytesMax) throw this.#tooLong();
      return rest.toString();
    }
    this.#keep(rest);
    const line = Buffer.concat(this.#begun, this.#begunBytes).toString();
    this.#begun = [];
    this.#begunBytes = 0;
    return line;
  }

  #keep(part: Buffer): void {
    this.#begunBytes += part.length;
    if (this.#begunBytes > this.#bytesMax) throw this.#tooLong();
    this.#begun.push(part);
  }

  #tooLong(): RangeError {
    return new RangeError(`A message is longer than ${this.#bytesMax} bytes.`);
  }
}
