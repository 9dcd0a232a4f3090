const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

const bytesPattern = /^(\d{1,15}(?:\.\d{1,3})?) ?(b|bytes|[kmgt]i?b?)?$/i;

/** Bytes of a size such as `500MB`, `1.5 GiB` or `4096`, or null where `text` is none. A KB is 1,024 bytes, as memory and disks are counted. */
export function parseBytes(text: string): number | null {
  const [, amount, unit = 'b'] = bytesPattern.exec(text) ?? [];
  if (amount === undefined) return null;
  const bytes = Number(amount) * 1024 ** 'bkmgt'.indexOf(unit.charAt(0).toLowerCase());
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : null;
}

/** A size for people, three digits at most: `812 MB`, `1.5 GB`, `17 bytes`. */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  let step = 0;
  while (amount >= 999.5 && step < units.length - 1) {
    amount /= 1024;
    step += 1;
  }
  const digits = step === 0 || amount >= 99.5 ? 0 : amount >= 9.95 ? 1 : 2;
  return `${Number(amount.toFixed(digits))} ${units[step]}`;
}
