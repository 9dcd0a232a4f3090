/** Files with the truth about them: the corpora beside the project where they are, else files that are made here. */
import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import sharp from 'sharp';
import { encryptedPdf, makePdf, onePage } from './pdfs.ts';
import { tiffOf } from './tiff.ts';
import type { Ending, ServiceName } from './trials.ts';

export interface Specimen {
  readonly name: string;
  readonly bytes: Buffer;
  /** A kind of file that the service takes. */
  isRightType(service: ServiceName): boolean;
  /** `either`: nobody knows; a result is as good as a failure that tells why. */
  readonly truth: 'result' | 'failure' | 'password' | 'either';
  /** Width and height as it is to be shown, where they are known. */
  readonly upright: string | null;
}

/** Kinds of pictures that no service decodes. The bytes count, but whoever named these files knew what they are. */
const wrongTypes = ['.exr', '.tga', '.ico', '.jp2', '.j2k', '.fli', '.eps', '.heic'];

interface Listed {
  readonly file: string;
  readonly tags: readonly string[];
  readonly truth: {
    readonly must_decode?: boolean;
    readonly must_fail?: boolean;
    readonly upright?: string;
    readonly password?: object;
  };
  readonly reference_sharp?: {
    readonly thumb?: object | null;
    readonly lenient?: { readonly w?: number } | null;
    readonly error?: string;
  };
  readonly reference_pdfjs?: { readonly error?: string };
}

const corpora = new URL('../../../shared/corpora/', import.meta.url);

export const corporaAreHere = existsSync(corpora);

/** All pictures and all PDFs, by their names. */
export async function specimens(): Promise<Specimen[]> {
  return corporaAreHere ? ['images', 'pdf'].flatMap(corpus) : made();
}

function corpus(folder: string): Specimen[] {
  const { items }: { items: Listed[] } = JSON.parse(readFileSync(new URL(`${folder}/manifest.json`, corpora), 'utf8'));
  return items.map((listed) => {
    const path = listed.file.split('/').map(encodeURIComponent).join('/');
    return specimen(listed.file, readFileSync(new URL(path, corpora)), truthOf(listed), listed.truth.upright);
  });
}

function specimen(name: string, bytes: Buffer, truth: Specimen['truth'], upright: string | null = null): Specimen {
  const extension = extname(name).toLowerCase();
  const isRightType = (service: ServiceName) =>
    bytes.length > 1 && !wrongTypes.includes(extension) && (extension !== '.bmp' || service !== 'thumbnails');
  return { name, bytes, isRightType, truth, upright };
}

function truthOf({ file, truth, tags, reference_sharp: plain, reference_pdfjs: pdf }: Listed): Specimen['truth'] {
  if (pdf !== undefined) {
    if (pdf.error?.startsWith('PasswordException')) return 'password';
    return tags.includes('robustness') ? 'either' : 'result';
  }
  if (truth.must_fail) return 'failure';
  if (truth.must_decode) return 'result';
  // A bomb may be refused, although a plain engine goes through with it.
  if (file.includes('bomb')) return 'either';
  if (plain?.thumb) return 'result';
  const isLost = plain?.lenient?.w === undefined || /premature end|Unexpected end/.test(plain.error ?? '');
  return isLost ? 'failure' : 'either';
}

async function made(): Promise<Specimen[]> {
  const picture = sharp({
    create: { width: 320, height: 240, channels: 3, background: '#888', noise: { type: 'gaussian', mean: 128, sigma: 30 } },
  });
  const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;
  const pictures = await Promise.all(
    formats.map(async (format) => specimen(`picture.${format}`, await picture.clone().toFormat(format).toBuffer(), 'result')),
  );
  const whole = pictures.map(({ bytes }) => bytes);
  const [jpeg = Buffer.alloc(0), png = Buffer.alloc(0)] = whole;
  const turned = await sharp(jpeg).withMetadata({ orientation: 6 }).toBuffer();
  return [
    ...pictures,
    specimen('turned.jpeg', turned, 'result', '240x320'),
    specimen('pages.tiff', await tiffOf([png, png]), 'result'),
    specimen(
      'drawn.svg',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5"/></svg>'),
      'result',
    ),
    specimen('truncated.jpeg', jpeg.subarray(0, jpeg.length / 2), 'failure'),
    specimen('truncated.png', png.subarray(0, png.length / 2), 'failure'),
    specimen('empty.png', Buffer.alloc(0), 'failure'),
    specimen('not.tga', Buffer.from('neither a picture nor a document'), 'failure'),
    specimen('text.pdf', await makePdf([{ texts: [{ text: 'words', x: 50, y: 50 }] }, {}]), 'result'),
    specimen('drawn.pdf', onePage('0 0 9 9 re f'), 'result'),
    specimen('encrypted.pdf', encryptedPdf('password'), 'password'),
    specimen('invalid.pdf', Buffer.from('%PDF-1.7\nnothing'), 'failure'),
  ];
}

/** What is wrong with how it ended, or null: the truth about a file that was handed in as it is. */
export function wrongEnding({ isRightType, truth, upright }: Specimen, ending: Ending): string | null {
  const { trial, kind, problem, result } = ending;
  const isTakenIn = problem !== 'unsupported-media-type';
  if (!isRightType(trial.service)) return kind === 'refused' ? null : 'a wrong type was accepted';
  if (truth === 'password') return problem === 'password-required' ? null : 'an encrypted file was not told from others';
  if (truth === 'failure') return kind === 'succeeded' ? 'a broken file was passed as fine' : null;
  if (truth === 'either') return kind === 'refused' && !isTakenIn ? 'a right type was refused' : null;
  if (kind !== 'succeeded') return 'a whole file gave no result';
  const source = result?.source;
  if (upright === null || source === null || typeof source !== 'object' || Array.isArray(source)) return null;
  return upright === `${source.width}x${source.height}` ? null : `it was taken for ${source.width}x${source.height}`;
}
