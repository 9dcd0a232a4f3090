import { ServiceError } from './errors.ts';
import { isGlobalAddress } from './global-address.ts';
import { type IpAddress, parseIp } from './ip-address.ts';
import { limits } from './limits.ts';
import { namesAddress, namesHost, type SourceRule, usualPorts } from './source-rules.ts';

/** A link whose spelling was checked, taken apart: who connects uses these parts and never reads the text again. */
export interface SourceUrl {
  /** The link in its normal spelling, without a fragment. */
  readonly href: string;
  readonly isSecure: boolean;
  /** In lower case and ASCII; an IPv6 address without brackets. */
  readonly host: string;
  /** Where the host is an address already. */
  readonly address: IpAddress | null;
  readonly port: number;
  /** With the query. */
  readonly path: string;
}

/** Names that mean something else in every network, or an inside of it: RFC 6761, 6762, 8375 and what routers and clouds use. */
const insideNames = ['localhost', 'localdomain', 'local', 'internal', 'intranet', 'private', 'home', 'lan', 'corp', 'home.arpa'];

/**
 * Checks a link by its spelling alone, before anything is asked of the network: http or https to a public host on a usual port,
 * written as plainly as it can be, or a host that a rule names. Throws `validation-error` for what cannot be a link at all and
 * `source-not-allowed` for the rest. What a name leads to is checked when it is connected to.
 */
export function checkSourceUrl(text: string, rules: readonly SourceRule[] = []): SourceUrl {
  const wrong = wrongText(text);
  if (wrong !== null)
    throw new ServiceError('validation-error', `The link ${wrong}.`, { fields: [{ pointer: '#/source/url', detail: wrong }] });
  const [, scheme, authority = '', rest = ''] = /^(https?):\/\/([^/?#\\]*)(.*)$/is.exec(text) ?? [];
  if (scheme === undefined) throw refused('must begin with http:// or https://');
  if (text.includes('\\')) throw refused('has a backslash, which readers of links take differently');
  if (authority.includes('@') || /^[?#].*@/s.test(rest)) throw refused('names a user, or hides its host behind an "@"');
  const isSecure = scheme.toLowerCase() === 'https';
  const [, hostText = '', portText] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(authority) ?? [];
  const { host, address } = readHost(hostText);
  const port = readPort(portText, isSecure);
  const url = URL.canParse(text) ? new URL(text) : null;
  // What any other reader would connect to must be what was read here.
  if (url === null || (address === null ? url.hostname !== host : !sameAddress(url.hostname, address)))
    throw refused('has a host that is spelled in an ambiguous way');
  checkPlace(host, address, port, rules);
  url.hash = '';
  return { href: url.href, isSecure, host, address, port, path: `${url.pathname}${url.search}` };
}

function wrongText(text: string): string | null {
  if (text === '') return 'is empty';
  // Longer in bytes than in characters, never shorter.
  if (text.length > limits.sourceUrlBytesMax || utf8Bytes(text) > limits.sourceUrlBytesMax)
    return `is longer than ${limits.sourceUrlBytesMax} bytes`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\u0000-\u0020\u007f-\u00a0\u2028\u2029]/.test(text)) return 'has a space, a line break or a control character';
  return null;
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

function readHost(text: string): { host: string; address: IpAddress | null } {
  if (text === '') throw refused('has no host');
  if (text.startsWith('[')) {
    const inside = text.slice(1, -1).toLowerCase();
    const address = inside.includes(':') ? parseIp(inside) : null;
    if (address === null) throw refused('has a host that is no IPv6 address');
    return { host: inside, address };
  }
  const host = asciiHost(text);
  const address = parseIp(host);
  if (address !== null) return { host, address };
  const labels = host.split('.');
  // Readers of links take such hosts for IPv4 addresses in octal, hexadecimal, or with parts left out.
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) throw refused('has a host that is no IPv4 address of four plain numbers');
  if (host.length > 253 || !labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)))
    throw refused('has a host that is no plain host name');
  return { host, address: null };
}

/** International names are taken in letters that have one spelling only: no full-width digits, no stops that only look like one. */
function asciiHost(text: string): string {
  const lower = text.toLowerCase();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what ASCII is
  if (/^[\u0000-\u007f]*$/.test(lower)) return lower;
  const isPlain = /^[\p{L}\p{M}0-9.-]+$/u.test(lower) && lower.normalize('NFKC') === lower;
  const url = isPlain && URL.canParse(`http://${lower}/`) ? new URL(`http://${lower}/`) : null;
  if (url === null || !url.hostname.includes('xn--')) throw refused('has a host in letters that can be mistaken for others');
  return url.hostname;
}

function readPort(text: string | undefined, isSecure: boolean): number {
  if (text === undefined) return isSecure ? 443 : 80;
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > 65_535) throw refused('has a port that is none');
  return Number(text);
}

function sameAddress(hostname: string, address: IpAddress): boolean {
  const read = parseIp(hostname.replace(/^\[(.*)\]$/, '$1'));
  return read !== null && read.family === address.family && read.value === address.value;
}

function checkPlace(host: string, address: IpAddress | null, port: number, rules: readonly SourceRule[]): void {
  if (address === null ? namesHost(rules, host, port) : namesAddress(rules, address, port)) return;
  if (!usualPorts.includes(port)) throw refused(`names the port ${port}; only ${usualPorts.join(', ')} are allowed`);
  if (address !== null) {
    if (!isGlobalAddress(address)) throw refused('leads to an address that is not public');
    return;
  }
  if (!host.includes('.') || insideNames.some((name) => host === name || host.endsWith(`.${name}`)))
    throw refused('leads to a host that is not public');
}

function refused(why: string): ServiceError {
  return new ServiceError('source-not-allowed', `The link ${why}.`);
}
