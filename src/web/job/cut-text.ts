/** More than this makes a page slow that shows it at once. */
const shownCharsMax = 200_000;

/** A text as far as it is shown. */
export function cutText(text: string): { readonly text: string; readonly isCut: boolean } {
  if (text.length <= shownCharsMax) return { text, isCut: false };
  const end = text.lastIndexOf('\n', shownCharsMax);
  return { text: `${text.slice(0, end > 0 ? end : shownCharsMax)}\n…`, isCut: true };
}
