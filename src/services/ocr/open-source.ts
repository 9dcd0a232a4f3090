import { ServiceError } from '../../core/errors.ts';
import { openBitmapSource } from '../../media/bitmap-source.ts';
import type { Source } from '../../media/page-source.ts';
import { openPictureSource } from '../../media/picture-source.ts';
import type { TaskInput } from '../../ports/service.ts';
import { openPdfSource } from './pdf-source.ts';

/** Opens what was handed in as pages, by its media type. */
export function openSource(input: TaskInput, options: { lenient: boolean }): Promise<Source> {
  if (input.mediaType === 'application/pdf') return openPdfSource(input);
  if (input.mediaType === 'image/bmp') return openBitmapSource(input);
  if (input.mediaType.startsWith('image/')) return openPictureSource(input, options);
  throw new ServiceError('unsupported-media-type', `Text cannot be read from ${input.mediaType}. Hand in a picture or a PDF.`);
}
