import { BlockList, isIP } from 'node:net';
import { resolve } from 'node:path';
import { formatBytes, parseBytes } from '../core/byte-sizes.ts';
import { formatDuration, parseDuration } from '../core/durations.ts';
import { parseSourceRule, type SourceRule } from '../core/source-rules.ts';

/** The kinds of values that settings have: how each is spelled, checked and read. */
export interface SettingKind<T> {
  /** What stands for the value in the help: `<port>`. Null for a switch, which needs no value. */
  readonly placeholder: string | null;
  /** Whether the value may hold a password and so is not repeated in messages. */
  readonly secret?: boolean;
  /** `dataFolder` is there for places that lie in it unless they are named. Throws `BadValue`. */
  parse(text: string, dataFolder: string): T;
}

/** Says what a value must be, as the second half of a sentence: `must be a whole number from 0 to 65535`. */
export class BadValue extends Error {}

export interface Rate {
  readonly limit: number;
  readonly perMs: number;
}

export function wholeNumber(from: number, to: number): SettingKind<number> {
  return {
    placeholder: 'number',
    parse(text) {
      const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (number >= from && number <= to) return number;
      throw new BadValue(`must be a whole number from ${from} to ${to}`);
    },
  };
}

const yes = ['true', '1', 'yes', 'on'];
const no = ['false', '0', 'no', 'off'];

export const yesOrNo: SettingKind<boolean> = {
  placeholder: null,
  parse(text) {
    if (yes.includes(text.toLowerCase())) return true;
    if (no.includes(text.toLowerCase())) return false;
    throw new BadValue('must be true or false');
  },
};

export function oneOf<T extends string>(placeholder: string, choices: readonly T[]): SettingKind<T> {
  return {
    placeholder,
    parse(text) {
      const choice = choices.find((one) => one === text);
      if (choice !== undefined) return choice;
      throw new BadValue(`must be one of ${choices.join(', ')}`);
    },
  };
}

/** Milliseconds. */
export function duration(fromMs: number, toMs: number): SettingKind<number> {
  return {
    placeholder: 'duration',
    parse(text) {
      const ms = parseDuration(text);
      if (ms !== null && ms >= fromMs && ms <= toMs) return ms;
      throw new BadValue(`must be a duration from ${formatDuration(fromMs)} to ${formatDuration(toMs)}, such as 90s, 12h or 7d`);
    },
  };
}

/** Bytes. */
export function byteSize(from: number, to: number): SettingKind<number> {
  return {
    placeholder: 'size',
    parse(text) {
      const bytes = parseBytes(text);
      if (bytes !== null && bytes >= from && bytes <= to) return bytes;
      throw new BadValue(`must be a size from ${formatBytes(from)} to ${formatBytes(to)}, such as 500MB, 2GB or plain bytes`);
    },
  };
}

export const hostName: SettingKind<string> = {
  placeholder: 'address',
  parse(text) {
    const host = text.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) !== 0 || /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(host)) return host;
    throw new BadValue('must be an IP address or a host name, without a port or a scheme');
  },
};

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether only programs of this machine can reach the address. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** The address of a host: links in answers are paths from its root, so that below a path of a host they would lead elsewhere. */
export const originUrl: SettingKind<string | null> = {
  placeholder: 'url',
  parse(text) {
    const url = URL.canParse(text) ? new URL(text) : null;
    const web = url?.protocol === 'http:' || url?.protocol === 'https:';
    if (url === null || !web || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
      throw new BadValue('must be an address such as https://files.example.com, without a user, a query or a fragment');
    }
    if (url.pathname !== '/') {
      throw new BadValue(
        'must have no path, since links in answers begin at the root of the host: give the server a name of its own',
      );
    }
    return url.origin;
  },
};

/** An absolute path. */
export const folder: SettingKind<string> = {
  placeholder: 'folder',
  parse(text) {
    if (text.includes('\0')) throw new BadValue('must be the path of a folder');
    return resolve(text);
  },
};

/** `scheme:` is a place in the data folder, `scheme:PATH` another one. */
function place<K extends string>(
  scheme: K,
  inDataFolder: string,
  refusal: string,
): SettingKind<{ readonly kind: K; readonly path: string }> {
  return {
    placeholder: 'url',
    secret: true,
    parse(text, dataFolder) {
      const [, path] = new RegExp(`^${scheme}:(?://(?=/|$))?([^\\0]*)$`).exec(text) ?? [];
      if (path === undefined || path.startsWith('//') || path === ':memory:') throw new BadValue(refusal);
      return { kind: scheme, path: path === '' ? resolve(dataFolder, inDataFolder) : resolve(path) };
    },
  };
}

export const databaseUrl = place(
  'sqlite',
  'coatcheck.db',
  'must be "sqlite:" (a file in the data folder) or "sqlite:FILE"; this version supports no other database',
);

export const blobsUrl = place(
  'file',
  'blobs',
  'must be "file:" (a folder in the data folder) or "file:FOLDER"; this version supports no other storage',
);

export const brokerUrl: SettingKind<{ readonly kind: 'memory' }> = {
  placeholder: 'url',
  secret: true,
  parse(text) {
    if (text === 'memory:') return { kind: 'memory' };
    throw new BadValue('must be "memory:" (inside the one process); this version supports no other broker');
  },
};

/** Some of a set of names; `all` or `none` alone mean what they say. */
export function someOf<T extends string>(names: readonly T[]): SettingKind<readonly T[]> {
  return {
    placeholder: 'list',
    parse(text) {
      const wanted = text.split(',').map((part) => part.trim());
      if (text.trim() === 'all') return names;
      if (text.trim() === 'none') return [];
      const unknown = wanted.find((name) => !names.some((one) => one === name));
      if (unknown === undefined) return names.filter((name) => wanted.includes(name));
      throw new BadValue(`must be all, none, or some of ${names.join(', ')} with commas between them`);
    },
  };
}

/** An address as the client of the broker takes it; null where there is none. */
export const mqttUrl: SettingKind<string | null> = {
  placeholder: 'url',
  secret: true,
  parse(text) {
    const url = URL.canParse(text) ? new URL(text) : null;
    const isBroker = url !== null && ['mqtt:', 'mqtts:'].includes(url.protocol) && url.hostname !== '';
    if (isBroker && ['', '/'].includes(url.pathname) && url.search === '' && url.hash === '') return text;
    throw new BadValue('must be an address such as mqtt://broker.example.com:1883 or mqtts://user:password@broker.example.com');
  },
};

const serviceName = /^[a-z][a-z0-9-]{0,62}$/;

/** `thumbnails=2,ocr=1`: a value a service. */
export function perService<T>(value: string, read: (text: string) => T | null): SettingKind<Readonly<Record<string, T>>> {
  return {
    placeholder: 'list',
    parse(text) {
      const values: Record<string, T> = {};
      for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
        const [name = '', ...rest] = pair.trim().split('=');
        const one = rest.length === 1 && serviceName.test(name) && !Object.hasOwn(values, name) ? read(rest[0] ?? '') : null;
        if (one === null) throw new BadValue(`must be service=${value}, with commas between services and each service once`);
        values[name] = one;
      }
      return values;
    },
  };
}

/** Hosts, networks and ports that links may lead to beyond the public internet. */
export const sourceRules: SettingKind<readonly SourceRule[]> = {
  placeholder: 'list',
  parse(text) {
    const parts = text.split(',').map((part) => part.trim());
    return parts
      .filter((part) => part !== '')
      .map((part) => {
        const rule = parseSourceRule(part);
        if (rule !== null) return rule;
        throw new BadValue(
          `must be hosts and networks, with a port where needed, such as nas, *.example.org:9000, 10.0.0.0/8 or [fd00::/8]:* ("${part.slice(0, 100)}" is none)`,
        );
      });
  },
};

export const rate: SettingKind<Rate> = {
  placeholder: 'count/duration',
  parse(text) {
    const found = readRate(text);
    if (found !== null) return found;
    throw new BadValue('must be a count and a duration, such as 100/1s');
  },
};

/** Milliseconds; null for what is no duration, and for none at all. */
export function readDuration(text: string): number | null {
  return parseDuration(text) || null;
}

export function readCount(text: string): number | null {
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : null;
}

/** `10/1m`: ten starts a minute. */
export function readRate(text: string): Rate | null {
  const [count = '', time = '', ...more] = text.split('/');
  const limit = readCount(count);
  const perMs = parseDuration(time);
  return limit === null || perMs === null || perMs === 0 || more.length > 0 ? null : { limit, perMs };
}
