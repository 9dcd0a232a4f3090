/** What a browser may show in place: pictures without scripts. SVG is not among them. */
const shownInline = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif']);

/** Whether a browser may show a file of this kind in place, if it was made here. */
export function canBeShown(mediaType: string): boolean {
  return shownInline.has(mediaType);
}

/** The Content-Disposition of a stored file (RFC 6266): a plain name for old readers, and the exact one (RFC 8187) where it differs. */
export function contentDisposition(name: string | null, kind: 'inline' | 'attachment'): string {
  if (name === null) return kind;
  const plain = name.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%]/g, '_');
  const exact = plain === name ? '' : `; filename*=UTF-8''${encodeName(name)}`;
  return `${kind}; filename="${plain}"${exact}`;
}

function encodeName(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
