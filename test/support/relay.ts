import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay {
  readonly baseUrl: string;
  /** Ends all connections. */
  cut(): void;
  /** How many WebSockets were asked for. */
  upgrades(): number;
  close(): void;
}

/** Stands between client and server; cuts connections, or answers upgrades and event streams with 502 as some proxies do. */
export async function openRelay(
  port: number,
  mode: { readonly upgrades?: false; readonly streams?: false } = {},
): Promise<Relay> {
  const sockets = new Set<Socket>();
  let upgrades = 0;
  const relay = createServer((inner) => {
    const outer = connect(port, '127.0.0.1');
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    inner.on('close', () => outer.destroy());
    outer.on('close', () => inner.destroy());
    inner.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      if (/^upgrade: websocket/im.test(text)) upgrades += 1;
      const refused =
        (mode.upgrades === false && /^upgrade: websocket/im.test(text)) || (mode.streams === false && /event-stream/.test(text));
      if (refused) inner.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      else outer.write(chunk);
    });
    outer.on('data', (chunk) => void inner.write(chunk));
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  // It listens on a port, so its address is an object.
  const { port: own } = relay.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${own}`,
    cut,
    upgrades: () => upgrades,
    close() {
      cut();
      relay.close();
    },
  };
}
