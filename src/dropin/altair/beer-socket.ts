import type { DropInSocket, SocketClient } from '../../http/drop-in.ts';
import { textFrame } from '../../http/live/text-frame.ts';
import type { DropInParts } from '../drop-in-parts.ts';
import { followBeers } from './follow-beers.ts';

/** All sockets hear the same, each text made into bytes once. The log is followed only while there is one. */
export function createBeerSocket(parts: DropInParts): DropInSocket['connected'] {
  const clients = new Set<SocketClient>();
  let unfollow = () => {};

  function tell(text: string): void {
    const frame = textFrame(text);
    for (const client of clients) client.send(frame);
  }

  return (client) => {
    if (clients.size === 0) unfollow = followBeers(parts, tell);
    clients.add(client);
    return () => {
      if (clients.delete(client) && clients.size === 0) unfollow();
    };
  };
}
