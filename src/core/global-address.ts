import { type IpAddress, type IpNetwork, isInNetwork, parseNetwork } from './ip-address.ts';

/**
 * What is not the public internet, from the special-purpose registries of IANA (RFC 6890, as of 2025). Of IPv6 only 2000::/3 is
 * given out to the world (RFC 4291), so that everything else, IPv4-mapped addresses among it, needs no row.
 */
const reserved = networks([
  ['0.0.0.0/8', 'this network, RFC 791'],
  ['10.0.0.0/8', 'private use, RFC 1918'],
  ['100.64.0.0/10', 'shared by carriers, RFC 6598'],
  ['127.0.0.0/8', 'loopback, RFC 1122'],
  ['168.63.129.16/32', 'the platform service of Azure: a public address that each machine there reaches on the inside'],
  ['169.254.0.0/16', 'link local, RFC 3927; also the metadata of cloud machines'],
  ['172.16.0.0/12', 'private use, RFC 1918'],
  ['192.0.0.0/24', 'protocol assignments, RFC 6890'],
  ['192.0.2.0/24', 'documentation, RFC 5737'],
  ['192.88.99.0/24', '6to4 relays, RFC 7526'],
  ['192.168.0.0/16', 'private use, RFC 1918'],
  ['198.18.0.0/15', 'benchmarking, RFC 2544'],
  ['198.51.100.0/24', 'documentation, RFC 5737'],
  ['203.0.113.0/24', 'documentation, RFC 5737'],
  ['224.0.0.0/4', 'multicast, RFC 1112'],
  ['240.0.0.0/4', 'reserved and broadcast, RFC 1112'],
  ['2001::/23', 'protocol assignments, RFC 2928: Teredo, benchmarking, ORCHID'],
  ['2001:db8::/32', 'documentation, RFC 3849'],
  ['2002::/16', '6to4, RFC 3056: holds an IPv4 address'],
  ['3fff::/20', 'documentation, RFC 9637'],
]);

const [globalV6, nat64] = networks([
  ['2000::/3', 'global unicast, RFC 4291'],
  ['64:ff9b::/96', 'translated to the IPv4 address at its end, RFC 6052'],
]);

/** Whether an address lies in the public internet: no loopback, private, link-local, reserved, multicast or translating one. */
export function isGlobalAddress(address: IpAddress): boolean {
  if (nat64 !== undefined && isInNetwork(address, nat64))
    return isGlobalAddress({ family: 4, value: address.value & 0xffff_ffffn });
  if (address.family === 6 && (globalV6 === undefined || !isInNetwork(address, globalV6))) return false;
  return !reserved.some((network) => isInNetwork(address, network));
}

function networks(rows: readonly (readonly [network: string, why: string])[]): IpNetwork[] {
  return rows.map(([text]) => {
    const network = parseNetwork(text);
    if (network === null) throw new Error(`${text} is no network`);
    return network;
  });
}
