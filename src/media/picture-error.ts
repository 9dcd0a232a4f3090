import { ServiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';

/** What a decoder says is shown to the caller, so it is kept short. */
const sentenceCharsMax = 160;

/**
 * The error that a decoder reported about a picture, as it may be shown to whoever sent it: without paths and names of our
 * parts. Where no decoder takes a file that begins like a picture ("unsupported image format"), it is damaged. What has nothing to do with the picture (a missing file, a full disk) comes back as it is.
 */
export function pictureError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ServiceError || isOurs(error.message)) return error;
  const says = sentence(error.message);
  if (/exceeds? (the )?[\w ]*limit|too (large|many pixels)/i.test(error.message)) {
    const million = limits.pixelsMax / 1_000_000;
    return new ServiceError(
      'media-limits-exceeded',
      `The picture is too large; ${million} million pixels a frame are the limit. Make it smaller.`,
      {
        cause: error,
      },
    );
  }
  if (/not configured|unsupported compression/i.test(error.message)) {
    return new ServiceError('unsupported-media-type', `This kind of picture cannot be decoded here${says && `: ${says}`}.`, {
      cause: error,
    });
  }
  return new ServiceError('unprocessable-media', `The picture is damaged${says && `: ${says}`}.`, { cause: error });
}

/** Whether a warning of libjpeg means that part of the picture is lost: what it skips between segments was no part of it. */
export function tellsOfDamage(error: unknown): boolean {
  const damage = /premature end|bad (Huffman|arithmetic) code|instead of RST|extraneous bytes before marker 0xd[0-7]/i;
  return error instanceof Error && damage.test(error.message);
}

/** Faults of the machine or of ours, which are not for the caller and may be gone the next time. */
function isOurs(message: string): boolean {
  return /^Input file is missing|^Expected |out of memory|unable to allocate|no space left|unable to (open for )?write|write error|operation is blocked/i.test(
    message,
  );
}

/** The first line of the message that says something, without where it was said. */
function sentence(message: string): string {
  const lines = message
    .split('\n')
    .map((line) =>
      line.replace(
        /^(Input (file|buffer) (has corrupt header|contains [\w ]+)|Unknown error|Warning treated as [\w ]+)[:.]?\s*/,
        '',
      ),
    )
    .map((line) => line.replace(/(^|\s)\S*\/\S*?(?=:?(\s|$))/g, '$1the file'))
    .map((line) => line.replace(/^(the file|\w*vips\w*|[a-z]+load(_\w+)?|glib|heif|unix error)\s*:\s*/i, '').trim());
  const [first = ''] = lines.filter((line) => /[a-z]{3}/i.test(line));
  return first.replace(/[.:\s]+$/, '').slice(0, sentenceCharsMax);
}
