import { type IpAddress, type IpNetwork, isInNetwork, parseNetwork } from './ip-address.ts';

/**
 * What an operator allows links to beyond the public internet and its usual ports: a host, all hosts below a name, or a network,
 * each on one port, on any port, or (null) on the ports that links may use anyway.
 */
export type SourceRule = { readonly port: number | 'any' | null } & (
  | { readonly host: string }
  | { readonly below: string }
  | { readonly network: IpNetwork }
);

/** Ports that a link may name without a rule. */
export const usualPorts: readonly number[] = [80, 443, 8080, 8443];

const hostPattern = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/** Reads `host`, `host:9000`, `*.example.org`, `10.0.0.0/8`, `[fd00::/8]:8080`, `127.0.0.1:*`; null where it is none of these. */
export function parseSourceRule(text: string): SourceRule | null {
  const [, bracketed, plain, portText] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([0-9]{1,5}|\*))?$/.exec(text.toLowerCase()) ?? [];
  // IPv6 without brackets cannot be told from a port, so that it stands alone.
  const place = bracketed ?? plain ?? (parseNetwork(text) === null ? '' : text);
  const port = portText === undefined ? null : portText === '*' ? 'any' : Number(portText);
  if (typeof port === 'number' && (port < 1 || port > 65_535)) return null;
  const network = parseNetwork(place);
  if (network !== null) return { network, port };
  if (bracketed !== undefined || /^[\d.]*$/.test(place)) return null;
  const below = place.startsWith('*.') ? place.slice(2) : null;
  if (!hostPattern.test(below ?? place)) return null;
  return below === null ? { host: place, port } : { below, port };
}

/** Whether a rule names this host, by its name, on this port. */
export function namesHost(rules: readonly SourceRule[], host: string, port: number): boolean {
  return rules.some((rule) => {
    if (!coversPort(rule, port)) return false;
    return ('host' in rule && rule.host === host) || ('below' in rule && host.endsWith(`.${rule.below}`));
  });
}

/** Whether a rule names a network that holds this address, on this port. */
export function namesAddress(rules: readonly SourceRule[], address: IpAddress, port: number): boolean {
  return rules.some((rule) => 'network' in rule && coversPort(rule, port) && isInNetwork(address, rule.network));
}

function coversPort({ port: allowed }: SourceRule, port: number): boolean {
  return allowed === 'any' || (allowed === null ? usualPorts.includes(port) : allowed === port);
}
