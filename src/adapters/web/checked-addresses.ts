import { ServiceError } from '../../core/errors.ts';
import { isGlobalAddress } from '../../core/global-address.ts';
import { parseIp } from '../../core/ip-address.ts';
import { namesAddress, namesHost, type SourceRule } from '../../core/source-rules.ts';
import type { SourceUrl } from '../../core/source-url.ts';
import type { Lookup } from './lookup-host.ts';

/**
 * The addresses of a link, asked for once and each one checked: whoever connects must use these and not ask again. A host with
 * one address inside is refused whole, as its owner decides which of them is used. Throws `source-not-allowed`.
 */
export async function checkedAddresses(
  url: SourceUrl,
  rules: readonly SourceRule[],
  lookup: Lookup,
  signal: AbortSignal,
): Promise<readonly string[]> {
  // The spelling of a literal address was checked already.
  if (url.address !== null) return [url.host];
  const isNamed = namesHost(rules, url.host, url.port);
  const addresses = await lookup(url.host, { isNamed, signal });
  if (isNamed) return addresses;
  for (const text of addresses) {
    const address = parseIp(text);
    if (address !== null && (isGlobalAddress(address) || namesAddress(rules, address, url.port))) continue;
    throw new ServiceError('source-not-allowed', 'The host of the link has an address that is not public.');
  }
  return addresses;
}
