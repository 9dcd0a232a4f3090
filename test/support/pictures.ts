import sharp from 'sharp';

/** A grey PNG of one pixel: the smallest picture that is real work. */
export const onePixelPng: Buffer = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

/** 400x300 with enough detail that its bytes are many. */
export const detailed = (format: 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff') =>
  sharp({
    create: { width: 400, height: 300, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 50 } },
  })
    .toFormat(format)
    .toBuffer();
