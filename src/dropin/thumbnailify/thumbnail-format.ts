/** Media types by which a thumbnail is written, as the ending of its file decided before. */
const formats: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/pjpeg': 'jpeg',
  'image/png': 'png',
  'image/x-png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'avif',
};

/** The format that a declared media type asks for; `same` as the picture where it is none that thumbnails are written in. */
export function thumbnailFormat(declared: string): string {
  return formats[declared] ?? 'same';
}
