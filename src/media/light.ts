import type { Pixels } from './sharp.ts';

/** How bright the paper is over a page, in a grid of tiles. */
export interface Light {
  readonly columns: number;
  readonly rows: number;
  /** Row by row, 0 to 255. */
  readonly tiles: Float64Array;
}

const tilesAcross = 16;
/** Where the dark parts of the paper have less than this of the light of the bright ones, a threshold for the whole page fails. */
const evenShareMin = 0.72;
/** Shadows are soft: of neighbouring tiles only so many may differ by more than this, else it is a photo or a frame. */
const hardShareMax = 0.03;
const hardChange = 0.3;

/** The light on a photographed page, or null where it is even or is no light but a picture. For small pictures of one channel. */
export function measureLight(pixels: Pixels): Light | null {
  const light = paperOf(pixels);
  const sorted = light.tiles.toSorted();
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return at(0.1) < at(0.9) * evenShareMin && isSoft(light) ? light : null;
}

/** The same page under even light: every pixel by the paper around it. */
export function evenOut({ data, width, height, channels }: Pixels, light: Light): Pixels {
  const even = Buffer.allocUnsafe(data.length);
  const { columns, rows } = light;
  for (let y = 0; y < height; y++) {
    const row = ((y + 0.5) / height) * rows - 0.5;
    for (let x = 0; x < width; x++) {
      const paper = between(light, ((x + 0.5) / width) * columns - 0.5, row);
      const from = (y * width + x) * channels;
      for (let at = from; at < from + channels; at++) even[at] = Math.min(255, Math.round(((data[at] ?? 0) * 245) / paper));
    }
  }
  return { data: even, width, height, channels };
}

function paperOf({ data, width, height, channels }: Pixels): Light {
  const side = Math.max(8, Math.ceil(Math.max(width, height) / tilesAcross));
  const columns = Math.ceil(width / side);
  const rows = Math.ceil(height / side);
  const tiles = new Float64Array(columns * rows);
  for (let tile = 0; tile < tiles.length; tile++) {
    const left = (tile % columns) * side;
    const top = Math.floor(tile / columns) * side;
    const counts = new Uint32Array(256);
    let pixels = 0;
    // Every other pixel tells as much.
    for (let y = top; y < Math.min(top + side, height); y += 2) {
      for (let x = left; x < Math.min(left + side, width); x += 2) {
        const value = data[(y * width + x) * channels] ?? 0;
        counts[value] = (counts[value] ?? 0) + 1;
        pixels += 1;
      }
    }
    tiles[tile] = Math.max(brightest(counts, pixels / 5), 16);
  }
  return { columns, rows, tiles };
}

/** The value that so many pixels are not darker than. */
function brightest(counts: Uint32Array, wanted: number): number {
  let seen = 0;
  for (let value = 255; value > 0; value--) {
    seen += counts[value] ?? 0;
    if (seen >= wanted) return value;
  }
  return 0;
}

function isSoft({ columns, tiles }: Light): boolean {
  let pairs = 0;
  let hard = 0;
  const compare = (a: number, b: number) => {
    pairs += 1;
    if (Math.abs(a - b) > hardChange * Math.max(a, b)) hard += 1;
  };
  for (const [at, tile] of tiles.entries()) {
    const right = tiles[at + 1];
    const below = tiles[at + columns];
    if (right !== undefined && (at + 1) % columns !== 0) compare(tile, right);
    if (below !== undefined) compare(tile, below);
  }
  return hard <= pairs * hardShareMax;
}

/** Between the middles of the four nearest tiles. */
function between({ columns, rows, tiles }: Light, x: number, y: number): number {
  const left = Math.min(Math.max(Math.floor(x), 0), columns - 1);
  const top = Math.min(Math.max(Math.floor(y), 0), rows - 1);
  const right = Math.min(left + 1, columns - 1);
  const bottom = Math.min(top + 1, rows - 1);
  const alongX = Math.min(Math.max(x - left, 0), 1);
  const alongY = Math.min(Math.max(y - top, 0), 1);
  const tile = (column: number, row: number) => tiles[row * columns + column] ?? 255;
  const upper = tile(left, top) * (1 - alongX) + tile(right, top) * alongX;
  const lower = tile(left, bottom) * (1 - alongX) + tile(right, bottom) * alongX;
  return upper * (1 - alongY) + lower * alongY;
}
