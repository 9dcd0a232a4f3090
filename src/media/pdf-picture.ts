import { ServiceError } from '../core/errors.ts';
import { fromPixels, type Pixels } from './sharp.ts';

// Pictures as objects of a PDF.

/** A JPEG with its EXIF orientation (1 to 8, 1 where it has none), or pixels that are upright. */
export type PdfPicture = { readonly jpeg: Buffer; readonly orientation?: number } | { readonly pixels: Pixels };

/** The stream of an image, without its length. */
export interface ImageStream {
  readonly entries: string;
  readonly bytes: Uint8Array;
  /** Of the pixels as they are stored. */
  readonly width: number;
  readonly height: number;
}

/** JPEGs as they are, pixels without loss. */
export function imageStream(picture: PdfPicture): Promise<ImageStream> | ImageStream {
  return 'jpeg' in picture ? jpegStream(picture.jpeg) : pixelStream(picture.pixels);
}

function jpegStream(jpeg: Buffer): ImageStream {
  const { width, height, components, isAdobe } = readFrame(jpeg);
  const colours = { 1: '/DeviceGray', 3: '/DeviceRGB', 4: '/DeviceCMYK' }[components];
  if (colours === undefined) throw notEmbeddable();
  // Adobe's programs write CMYK the other way round.
  const decode = components === 4 && isAdobe ? ' /Decode [1 0 1 0 1 0 1 0]' : '';
  return { entries: `${imageEntries(width, height, colours)}${decode} /Filter /DCTDecode`, bytes: jpeg, width, height };
}

/** The data of a PNG are just what a PDF can have: deflated rows, each with the predictor that suits it. */
async function pixelStream(pixels: Pixels): Promise<ImageStream> {
  const { width, height } = pixels;
  const png = await fromPixels(pixels).flatten({ background: '#fff' }).png({ adaptiveFiltering: true }).toBuffer();
  const { colourType, data } = readPng(png);
  const colours = colourType === 0 ? 1 : 3;
  const parameters = `/DecodeParms << /Predictor 15 /Colors ${colours} /Columns ${width} >>`;
  const entries = `${imageEntries(width, height, colours === 1 ? '/DeviceGray' : '/DeviceRGB')} /Filter /FlateDecode ${parameters}`;
  return { entries, bytes: data, width, height };
}

function imageEntries(width: number, height: number, colours: string): string {
  return `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /BitsPerComponent 8 /ColorSpace ${colours}`;
}

function readPng(png: Buffer): { colourType: number; data: Buffer } {
  const data: Buffer[] = [];
  for (let at = 8; at + 8 <= png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return { colourType: png.readUInt8(25), data: Buffer.concat(data) };
}

const [adobeMarker, scanMarker] = [0xee, 0xda];
/** Baseline, extended and progressive, in Huffman codes: what a PDF may have. */
const frameMarkers: readonly number[] = [0xc0, 0xc1, 0xc2];

/** Throws `unsupported-media-type` for a JPEG of a kind that no PDF may have. */
function readFrame(jpeg: Buffer): { width: number; height: number; components: number; isAdobe: boolean } {
  let isAdobe = false;
  for (let at = 2; at + 10 < jpeg.length; ) {
    const marker = jpeg.readUInt8(at + 1);
    if (jpeg.readUInt8(at) !== 0xff || marker === scanMarker) break;
    // Bytes that fill, before a marker.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === adobeMarker) isAdobe = jpeg.toString('latin1', at + 4, at + 9) === 'Adobe';
    if (frameMarkers.includes(marker) && jpeg.readUInt8(at + 4) === 8) {
      const [height, width] = [jpeg.readUInt16BE(at + 5), jpeg.readUInt16BE(at + 7)];
      // The Adobe segment may also stand behind the frame, but no program is known to write it there.
      return { width, height, components: jpeg.readUInt8(at + 9), isAdobe };
    }
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  throw notEmbeddable();
}

function notEmbeddable(): ServiceError {
  return new ServiceError('unsupported-media-type', 'A PDF cannot hold this kind of JPEG. Save it as an ordinary one of 8 bits.');
}
