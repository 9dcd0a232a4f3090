import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';

/** A server that links lead to, on the loopback address, which counts what comes. */
export interface Origin {
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Connections that were open at once so far. */
  readonly openMost: number;
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

/** A self-signed certificate of stranger.example that nobody trusts, and its key. */
const stranger = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBqjCCAVCgAwIBAgIUaSw0j5Ao2+4quwvOrYagnHtArkEwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQc3RyYW5nZXIuZXhhbXBsZTAgFw0yNjExMjExMDIwMTZaGA8y
MTI2MTAyODEwMjAxNlowGzEZMBcGA1UEAwwQc3RyYW5nZXIuZXhhbXBsZTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABFHJhJSRKN9FPagplYpyWZn1JQo74pGY4AXl
AAqKD9S0Q1mB6aHnPiYnRNg8ZrbZ40hzC6RWRvWi1p2q+W4qRpOjcDBuMB0GA1Ud
DgQWBBTs8j6J5pMynN0zaMEMOwSUpcCxiDAfBgNVHSMEGDAWgBTs8j6J5pMynN0z
aMEMOwSUpcCxiDAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCEHN0cmFuZ2Vy
LmV4YW1wbGUwCgYIKoZIzj0EAwIDSAAwRQIgDfqd+jY2nLup6/l+Gcig2Gebh5eK
RCUGMhoumGOHfY4CIQD75sowJYRzsBHbtVGEYVazruQScyLgMQ4dGha1soOQ7w==
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghSo/Cf+zG/fttEjO
8Ja5LoHbvz6CErL0jnxZMhtVZiqhRANCAARRyYSUkSjfRT2oKZWKclmZ9SUKO+KR
mOAF5QAKig/UtENZgemh5z4mJ0TYPGa22eNIcwukVkb1otadqvluKkaT
-----END PRIVATE KEY-----
`,
};

/** Where to listen: on a free port of this machine's loopback address, unless told otherwise. */
export interface OriginPlace {
  readonly host?: string;
  readonly port?: number;
  /** Listens in another network. */
  readonly listen?: (host: string, port: number) => Promise<NetServer>;
}

/** Answers over HTTP, or over TLS with the certificate of origin.example or that of a stranger. */
export function openOrigin(
  listener: RequestListener,
  { tls = false, ...place }: OriginPlace & { readonly tls?: boolean | 'stranger' } = {},
): Promise<Origin> {
  const shown = tls === 'stranger' ? stranger : { key: originKey, cert: originCertificate };
  const server = tls === false ? createServer(listener) : createTlsServer(shown, listener);
  return listening(server, place);
}

/** Speaks whatever it likes. */
export function openRawOrigin(speak: (socket: Socket) => void, place: OriginPlace = {}): Promise<Origin> {
  return listening(createNetServer(speak), place);
}

/** Listens where nothing may ever come; null where the port is taken. */
export async function openCanary(host: string, port = 0, listen?: OriginPlace['listen']): Promise<Origin | null> {
  return listening(createNetServer(), { host, port, ...(listen === undefined ? {} : { listen }) }).catch(() => null);
}

async function listening(server: Server | NetServer, { host = '127.0.0.1', port = 0, listen }: OriginPlace): Promise<Origin> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let openMost = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    openMost = Math.max(openMost, sockets.size);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  const door = listen === undefined ? server : await listen(host, port);
  if (door !== server) door.on('connection', (socket) => server.emit('connection', socket));
  else
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  const address = door === server ? server.address() : null;
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    get openMost() {
      return openMost;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        door.close(() => resolve());
      }),
  };
}
