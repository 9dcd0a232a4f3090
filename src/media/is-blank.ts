/** Whether a text has nothing to be seen. Asked for each character: most are known at once by the first. */
export function isBlank(text: string): boolean {
  const code = text.charCodeAt(0);
  return (code === 0x20 && text.length === 1) || (!(code > 0x20 && code < 0x7f) && text.trim() === '');
}
