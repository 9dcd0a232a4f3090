/** Media types of the pictures that can be decoded here, as they are found from the bytes. HEIF is decoded where it holds AV1. */
export const pictureTypes: readonly string[] = [
  'image/jpeg',
  'image/png',
  'image/apng',
  'image/webp',
  'image/gif',
  'image/tiff',
  'image/avif',
  'image/heif',
  'image/svg+xml',
];
