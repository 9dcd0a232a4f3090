import sharp from 'sharp';

const width = 1024;
const height = 640;

/** Smooth shapes with some grain: compresses about as a photo does. The same bytes in every run. */
function pixels() {
  const bytes = Buffer.alloc(width * height * 3);
  let noise = 12345;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      noise = (noise * 1103515245 + 12345) & 0x7fffffff;
      const grain = (noise >> 16) % 24;
      const at = (y * width + x) * 3;
      bytes[at] = 110 + 90 * Math.sin(x / 37 + y / 91) + grain;
      bytes[at + 1] = 110 + 90 * Math.sin(y / 29) * Math.cos(x / 53) + grain;
      bytes[at + 2] = 110 + 90 * Math.cos((x + y) / 71) + grain;
    }
  }
  return bytes;
}

/** A JPEG of 1024x640 and about 100 kB with a comment of eight digits, so that no two that are sent need to be equal. */
export async function countedPicture() {
  return counted(await jpegOfAbout(100_000));
}

/** A JPEG with such a comment in it. */
export function counted(plain) {
  const comment = Buffer.from([0xff, 0xfe, 0x00, 0x0a, ...Buffer.from('00000000')]);
  return { bytes: Buffer.concat([plain.subarray(0, 2), comment, plain.subarray(2)]), counterAt: 6 };
}

async function jpegOfAbout(bytesWanted) {
  const raw = pixels();
  const sizes = [];
  for (let quality = 95; quality >= 30; quality -= 5) {
    const bytes = await sharp(raw, { raw: { width, height, channels: 3 } })
      .jpeg({ quality })
      .toBuffer();
    if (bytes.length <= bytesWanted * 1.1) return bytes;
    sizes.push(bytes.length);
  }
  throw new Error(`no JPEG of about ${bytesWanted} bytes: ${sizes}`);
}
