import type { Socket } from 'node:dgram';
import { parseIp } from '../../src/core/ip-address.ts';

/** What a name has: addresses, or one other name. Told by how often it was asked for before; null where nothing is answered. */
export type NameAnswer = (timesAsked: number, family: 4 | 6) => readonly string[] | null;

export interface NameServer {
  /** How often the IPv4 addresses of a name were asked for. */
  asked(name: string): number;
  close(): void;
}

const types = { A: 1, CNAME: 5, AAAA: 28 } as const;

/** A name server (RFC 1035) with these names alone; nothing that it says may be kept, as every TTL is 0. Follows its own aliases. */
export function openNameServer(socket: Socket, names: Readonly<Record<string, NameAnswer>>): NameServer {
  const asked = new Map<string, number>();
  const known = new Map(Object.entries(names));
  const count = (name: string, type: number) => {
    const times = asked.get(name) ?? 0;
    // Resolvers ask for both kinds of addresses: that is one time.
    if (type === types.A) asked.set(name, times + 1);
    return times;
  };

  function recordsOf(name: string, type: number): Buffer[] | null {
    const found = known.get(name)?.(count(name, type), type === types.A ? 4 : 6);
    if (found === undefined) return [];
    if (found === null) return null;
    return found.flatMap((text) => {
      const address = parseIp(text);
      if (address === null) return [record(name, types.CNAME, nameBytes(text)), ...(recordsOf(text, type) ?? [])];
      const isWanted = type === (address.family === 4 ? types.A : types.AAAA);
      return isWanted
        ? [record(name, type, Buffer.from(address.value.toString(16).padStart(address.family === 4 ? 8 : 32, '0'), 'hex'))]
        : [];
    });
  }

  socket.on('message', (query, from) => {
    const { name, type, end } = questionOf(query);
    const records = recordsOf(name, type);
    if (records === null) return;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    // An answer, with authority, to a question that may be passed on; 3: there is no such name.
    head.writeUInt16BE(known.has(name) ? 0x8580 : 0x8583, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    socket.send(Buffer.concat([head, query.subarray(12, end), ...records]), from.port, from.address);
  });
  return { asked: (name) => asked.get(name) ?? 0, close: () => void socket.close() };
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function record(name: string, type: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(type, 0);
  // The internet.
  fields.writeUInt16BE(1, 2);
  fields.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(name), fields, data]);
}
