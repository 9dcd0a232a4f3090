import type { ServiceView } from '../../client/client.ts';
import { formatBytes } from '../../ui/format.ts';
import type { Chosen } from './chosen.ts';
import { endingOf, familiesOf, nameOfType } from './files/kinds.ts';

/** Why nothing here can be done with a file, before it is sent; null where something can, or where only the bytes will tell. */
export function refusalOf({ bytes, mediaType, name }: Chosen, services: readonly ServiceView[]): string | null {
  if (services.length === 0) return null;
  if (bytes === 0) return 'This file is empty.';
  const limit = Math.max(...services.map(({ limits }) => limits.uploadBytes));
  if (bytes !== null && bytes > limit)
    return `This file has ${formatBytes(bytes)}; at most ${formatBytes(limit)} are taken. Make it smaller, or split it.`;
  if (mediaType === null || services.some((service) => takes(service, mediaType))) return null;
  const all = [...new Set(services.flatMap(({ accepts }) => accepts))];
  return `${kindOf(mediaType, name)} are not taken here. What works: ${familiesOf(all)}.`;
}

/** Why a service cannot take what lies in the tray; null where it can. */
export function unfitReason(service: ServiceView, entries: readonly Chosen[]): string | null {
  const unfit = entries.filter(({ mediaType }) => mediaType !== null && !takes(service, mediaType));
  const [first] = unfit;
  if (first?.mediaType == null) return null;
  return unfit.length === 1 ? `Does not take ${first.name}.` : `Does not take ${first.name} and ${unfit.length - 1} more.`;
}

function takes({ accepts }: ServiceView, mediaType: string): boolean {
  return accepts.includes(mediaType);
}

function kindOf(mediaType: string, name: string): string {
  const ending = endingOf(name);
  return ending === '' ? `Files of the kind ${nameOfType(mediaType)}` : `Files with the ending .${ending}`;
}
