import { compiledUrl } from '../../core/compiled-url.ts';
import { pictureTypes } from '../../media/picture-types.ts';
import type { Service } from '../../ports/service.ts';
import { options, result } from './contract.ts';
import { normalize } from './normalize.ts';

/** The service that makes small pictures of large ones. */
export const thumbnails: Service = {
  name: 'thumbnails',
  title: 'Thumbnails',
  summary: 'Makes small pictures of a picture, an animation or a page of a PDF, in up to 20 sizes at once.',
  // The versions of sharp and PDFium, which decide every pixel, and behind the slash a number of ours.
  version: '0.35.5+2.1.13/3',
  accepts: [...pictureTypes, 'application/pdf'],
  produces: ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'],
  contract: { options, result },
  normalize,
  samples: [
    { name: 'harbour.jpg', title: 'A harbour', mediaType: 'image/jpeg', file: new URL('./samples/harbour.jpg', import.meta.url) },
    {
      name: 'lighthouse.gif',
      title: 'An animation',
      mediaType: 'image/gif',
      file: new URL('./samples/lighthouse.gif', import.meta.url),
    },
  ],
  task: compiledUrl('./task.ts', import.meta.url),
  // An AVIF of 50 million pixels takes 0.95 GB to decode, more than any other format.
  limits: { timeMs: 120_000, memoryBytes: 1.5 * 1024 ** 3 },
};
