/** An IP address as a number, so that comparing needs no knowledge of how it was spelled. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** All addresses that share the first `prefixBits` bits. */
export interface IpNetwork extends IpAddress {
  readonly prefixBits: number;
}

const widths = { 4: 32, 6: 128 } as const;

/** Reads the one plain spelling of IPv4 (four decimal numbers) and every RFC 4291 spelling of IPv6, without brackets or zone; else null. */
export function parseIp(text: string): IpAddress | null {
  const value = text.includes(':') ? parseV6(text) : parseV4(text);
  return value === null ? null : { family: text.includes(':') ? 6 : 4, value };
}

/** `10.0.0.0/8`, `fd00::/8`, or a single address; null where it is none, or has bits set behind the prefix. */
export function parseNetwork(text: string): IpNetwork | null {
  const [start = '', bits, ...more] = text.split('/');
  const address = parseIp(start);
  if (address === null || more.length > 0) return null;
  const width = widths[address.family];
  if (bits === undefined) return { ...address, prefixBits: width };
  const prefixBits = /^(0|[1-9]\d{0,2})$/.test(bits) ? Number(bits) : Number.NaN;
  const isWhole = prefixBits <= width && (address.value & ((1n << BigInt(width - prefixBits)) - 1n)) === 0n;
  return isWhole ? { ...address, prefixBits } : null;
}

export function isInNetwork({ family, value }: IpAddress, network: IpNetwork): boolean {
  const dropped = BigInt(widths[family] - network.prefixBits);
  return family === network.family && value >> dropped === network.value >> dropped;
}

function parseV4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return null;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  if (head === null || head === undefined || tail === null) return null;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => 0n), ...(tail ?? [])];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** The 16-bit groups of one side of `::`; the last group of an address may be written as an IPv4 address, and counts as two. */
function groupsOf(half: string, isEnd: boolean): bigint[] | null {
  if (half === '') return [];
  const parts = half.split(':');
  const groups: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    const embedded = isEnd && index === parts.length - 1 ? parseV4(part) : null;
    if (embedded !== null) groups.push(embedded >> 16n, embedded & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return null;
  }
  return groups;
}
