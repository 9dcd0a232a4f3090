import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';

/** A server that links lead to, on the loopback address, which counts what comes. */
export interface Origin {
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** Connections that are open now. */
  readonly open: number;
  close(): Promise<void>;
}

/** A self-signed certificate of origin.example and 127.0.0.1, good for a hundred years and for nothing but tests. */
export const originCertificate = `-----BEGIN CERTIFICATE-----
MIIBczCCARmgAwIBAgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5vcmlnaW4u
ZXhhbXBsZTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGTEXMBUG
A1UEAwwOb3JpZ2luLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQe
cmTN2GwFUTYwYSjsBXPUMhaQNNtKT5oAgSDVWU3n0Xk3ZiVEyl+gHp60YBseQa9T
Y1lpxZC07N7ePJmxqkZFo1AwTjAMBgNVHRMEBTADAQH/MB8GA1UdEQQYMBaCDm9y
aWdpbi5leGFtcGxlhwR/AAABMB0GA1UdDgQWBBRfMnvLs8D7AEfUy0TsevOrHron
HTAKBggqhkjOPQQDAgNIADBFAiEAhj33O+5DXL1Ps9QUGIJXV/r4KQ5qJoY5pm5p
9ITWCuYCIFuSGCkOlbSTZtHAhP1+HhUIkfSDoOh1TIc7F/r60Mvm
-----END CERTIFICATE-----
`;
const originKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMMxJo0bN3hFuz9xD
uaRRfp2obGmYne3yddaD5DoTUFChRANCAAQecmTN2GwFUTYwYSjsBXPUMhaQNNtK
T5oAgSDVWU3n0Xk3ZiVEyl+gHp60YBseQa9TY1lpxZC07N7ePJmxqkZF
-----END PRIVATE KEY-----
`;

/** Answers over HTTP, or over TLS with the certificate above. */
export function openOrigin(listener: RequestListener, { tls = false }: { tls?: boolean } = {}): Promise<Origin> {
  const server = tls ? createTlsServer({ key: originKey, cert: originCertificate }, listener) : createServer(listener);
  return listening(server);
}

/** Speaks whatever it likes. */
export function openRawOrigin(speak: (socket: Socket) => void): Promise<Origin> {
  return listening(createNetServer(speak));
}

/** Listens where nothing may ever come; null where the port is taken. */
export async function openCanary(host: string, port = 0): Promise<Origin | null> {
  return listening(createNetServer(), host, port).catch(() => null);
}

async function listening(server: Server | NetServer, host = '127.0.0.1', port = 0): Promise<Origin> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
