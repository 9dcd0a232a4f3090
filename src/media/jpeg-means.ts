import type { Pixels } from './sharp.ts';

// Reads the mean colours of a small JPEG without decoding it: each block of 8x8 samples begins with its mean (the DC coefficient,
// ITU-T T.81), so only the Huffman codes have to be walked. Starting a decoder for it would take ten times as long.

interface Component {
  readonly id: number;
  /** Blocks in a minimum coded unit (MCU). */
  readonly across: number;
  readonly down: number;
  readonly quantizer: number;
  /** Blocks in a row, those that fill up the last unit included. */
  rowBlocks: number;
  means: Float32Array;
  tables: { dc: HuffmanTable; ac: HuffmanTable } | null;
  predicted: number;
}

/** Codes of up to `lookBits` bits are looked up at once, in `length << 8 | symbol`; longer ones are compared length by length. */
interface HuffmanTable {
  readonly short: Uint16Array;
  readonly symbols: Uint8Array;
  /** For each length: the first code that is longer than all codes of it, and what leads from a code to its symbol. */
  readonly end: Int32Array;
  readonly offset: Int32Array;
}

const lookBits = 9;
const marker = { baseline: 0xc0, huffman: 0xc4, quantization: 0xdb, scan: 0xda };

/**
 * One pixel for each 8x8 samples of the brightness of a JPEG, in sRGB (3 channels) or grey (1). For baseline JPEGs of one
 * interleaved scan without restarts, as sharp writes them; throws for any other.
 */
export function jpegMeans(jpeg: Buffer): Pixels {
  const quantizers: number[] = [];
  const tables = new Map<number, HuffmanTable>();
  let frame: { width: number; height: number; components: Component[] } | null = null;
  for (let at = 2; at + 4 <= jpeg.length; ) {
    const kind = jpeg.readUInt8(at + 1);
    const segment = jpeg.subarray(at + 4, at + 2 + jpeg.readUInt16BE(at + 2));
    if (kind === marker.quantization) readQuantizers(segment, quantizers);
    else if (kind === marker.huffman) readTables(segment, tables);
    else if (kind === marker.baseline) frame = readFrame(segment, quantizers);
    at += 4 + segment.length;
    if (kind !== marker.scan) continue;
    if (frame === null) break;
    useTables(segment, frame.components, tables);
    readScan(new Bits(jpeg, at), frame.width, frame.height, frame.components);
    return colours(frame.width, frame.height, frame.components);
  }
  throw new Error('this is no baseline JPEG');
}

/** The means alone: of each table only what the first coefficient is multiplied by. */
function readQuantizers(segment: Buffer, quantizers: number[]): void {
  for (let at = 0; at < segment.length; ) {
    const head = segment.readUInt8(at);
    const isWide = head >> 4 === 1;
    quantizers[head & 15] = isWide ? segment.readUInt16BE(at + 1) : segment.readUInt8(at + 1);
    at += 1 + (isWide ? 128 : 64);
  }
}

function readTables(segment: Buffer, tables: Map<number, HuffmanTable>): void {
  for (let at = 0; at < segment.length; ) {
    const counts = segment.subarray(at + 1, at + 17);
    const symbols = counts.reduce((sum, count) => sum + count, 0);
    tables.set(segment.readUInt8(at), huffmanTable(counts, segment.subarray(at + 17, at + 17 + symbols)));
    at += 17 + symbols;
  }
}

function huffmanTable(counts: Buffer, symbols: Buffer): HuffmanTable {
  const table = {
    short: new Uint16Array(1 << lookBits),
    symbols: Uint8Array.from(symbols),
    end: new Int32Array(17),
    offset: new Int32Array(17),
  };
  let code = 0;
  let symbol = 0;
  for (let length = 1; length <= 16; length += 1) {
    const count = counts[length - 1] ?? 0;
    table.offset[length] = symbol - code;
    for (const end = code + count; code < end; code += 1, symbol += 1) {
      if (length > lookBits) continue;
      const first = code << (lookBits - length);
      table.short.fill((length << 8) | (symbols[symbol] ?? 0), first, first + (1 << (lookBits - length)));
    }
    table.end[length] = code;
    code <<= 1;
  }
  return table;
}

function readFrame(segment: Buffer, quantizers: readonly number[]) {
  const components = Array.from({ length: segment.readUInt8(5) }, (_, number): Component => {
    const at = 6 + number * 3;
    const sampling = segment.readUInt8(at + 1);
    return {
      id: segment.readUInt8(at),
      across: sampling >> 4,
      down: sampling & 15,
      quantizer: quantizers[segment.readUInt8(at + 2)] ?? 1,
      rowBlocks: 0,
      means: new Float32Array(0),
      tables: null,
      predicted: 0,
    };
  });
  return { height: segment.readUInt16BE(1), width: segment.readUInt16BE(3), components };
}

function useTables(segment: Buffer, components: readonly Component[], tables: ReadonlyMap<number, HuffmanTable>): void {
  for (let number = 0; number < segment.readUInt8(0); number += 1) {
    const chosen = segment.readUInt8(2 + number * 2);
    const component = components.find(({ id }) => id === segment.readUInt8(1 + number * 2));
    const dc = tables.get(chosen >> 4);
    const ac = tables.get(16 | (chosen & 15));
    if (component === undefined || dc === undefined || ac === undefined) throw new Error('this JPEG names a table that it lacks');
    component.tables = { dc, ac };
  }
}

function readScan(bits: Bits, width: number, height: number, components: readonly Component[]): void {
  // A single component is not interleaved: its unit is one block.
  const single = components.length === 1;
  const across = single ? 1 : Math.max(...components.map((component) => component.across));
  const down = single ? 1 : Math.max(...components.map((component) => component.down));
  const unitsAcross = Math.ceil(width / (8 * across));
  const unitsDown = Math.ceil(height / (8 * down));
  const used = components.map((component) => ({
    component,
    across: single ? 1 : component.across,
    down: single ? 1 : component.down,
  }));
  for (const each of used) {
    each.component.rowBlocks = unitsAcross * each.across;
    each.component.means = new Float32Array(each.component.rowBlocks * unitsDown * each.down);
  }
  for (let unit = 0; unit < unitsAcross * unitsDown; unit += 1) {
    const left = unit % unitsAcross;
    const top = Math.floor(unit / unitsAcross);
    for (const each of used) {
      for (let block = 0; block < each.across * each.down; block += 1) {
        const x = left * each.across + (block % each.across);
        const y = top * each.down + Math.floor(block / each.across);
        each.component.means[y * each.component.rowBlocks + x] = readMean(bits, each.component);
      }
    }
  }
}

/** The mean of the next block, 0 to 255. */
function readMean(bits: Bits, component: Component): number {
  const { tables } = component;
  if (tables === null) throw new Error('this JPEG leaves a component out of its scan');
  component.predicted += bits.signed(bits.symbol(tables.dc));
  for (let coefficient = 1; coefficient < 64; coefficient += 1) {
    const symbol = bits.symbol(tables.ac);
    const size = symbol & 15;
    if (size === 0 && symbol < 0xf0) break;
    coefficient += symbol >> 4;
    bits.skip(size);
  }
  return Math.min(255, Math.max(0, 128 + (component.predicted * component.quantizer) / 8));
}

function colours(width: number, height: number, components: readonly Component[]): Pixels {
  const [brightness, blue, red] = components;
  if (brightness === undefined) throw new Error('this JPEG has no component');
  const pixels = { width: Math.ceil(width / 8), height: Math.ceil(height / 8) };
  const channels = red === undefined || blue === undefined ? 1 : 3;
  const data = Buffer.alloc(pixels.width * pixels.height * channels);
  for (let at = 0; at < pixels.width * pixels.height; at += 1) {
    const x = at % pixels.width;
    const y = Math.floor(at / pixels.width);
    const mean = (component: Component) => {
      const column = Math.floor((x * component.across) / brightness.across);
      const row = Math.floor((y * component.down) / brightness.down);
      return component.means[row * component.rowBlocks + column] ?? 0;
    };
    if (red === undefined || blue === undefined) data[at] = mean(brightness);
    else data.set(rgb(mean(brightness), mean(blue) - 128, mean(red) - 128), at * 3);
  }
  return { data, ...pixels, channels };
}

/** As JFIF says (ITU-T T.871). */
function rgb(y: number, blue: number, red: number): number[] {
  return [y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue].map((value) =>
    Math.min(255, Math.max(0, Math.round(value))),
  );
}

/** The bits of a scan; the zero byte that follows each 0xff is left out. Behind the end there are zeros without end. */
class Bits {
  readonly #bytes: Buffer;
  #at: number;
  #held = 0;
  #count = 0;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  symbol(table: HuffmanTable): number {
    this.#fill();
    const found = table.short[(this.#held >> (this.#count - lookBits)) & ((1 << lookBits) - 1)] ?? 0;
    if (found !== 0) {
      this.#count -= found >> 8;
      return found & 255;
    }
    for (let length = lookBits + 1; length <= 16; length += 1) {
      const code = (this.#held >> (this.#count - length)) & ((1 << length) - 1);
      if (code >= (table.end[length] ?? 0)) continue;
      this.#count -= length;
      return table.symbols[code + (table.offset[length] ?? 0)] ?? 0;
    }
    throw new Error('this JPEG has a code that stands in no table');
  }

  /** A number of `size` bits as T.81 F.2.2.1 spells it: those that begin with 0 are negative. */
  signed(size: number): number {
    if (size === 0) return 0;
    this.#fill();
    this.#count -= size;
    const value = (this.#held >> this.#count) & ((1 << size) - 1);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  skip(size: number): void {
    this.#fill();
    this.#count -= size;
  }

  /** Holds 16 bits at least, which is as much as any of the calls takes, and 24 at most: more would not fit below the sign. */
  #fill(): void {
    while (this.#count <= 16) {
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += byte === 0xff ? 2 : 1;
      this.#held = ((this.#held & 0xffff) << 8) | byte;
      this.#count += 8;
    }
  }
}
