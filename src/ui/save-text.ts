/** Saves a text that the page has made as a file of the reader. */
export function saveText(name: string, mediaType: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the bytes over by the next turn.
  setTimeout(() => URL.revokeObjectURL(url));
}
