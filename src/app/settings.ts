import { availableParallelism } from 'node:os';
import { nearestName } from '../core/nearest-name.ts';
import { redactText } from '../core/redact.ts';
import type { SourceRule } from '../core/source-rules.ts';
import { type OcrEngineChoice, ocrEngines } from '../media/find-ocr.ts';
import { type DropInName, dropInNames } from './drop-ins.ts';
import {
  BadValue,
  blobsUrl,
  brokerUrl,
  byteSize,
  databaseUrl,
  duration,
  folder,
  hostName,
  isLoopback,
  mqttUrl,
  oneOf,
  originUrl,
  perService,
  type Rate,
  rate,
  readCount,
  readDuration,
  readRate,
  type SettingKind,
  someOf,
  sourceRules,
  wholeNumber,
  yesOrNo,
} from './setting-kinds.ts';

/** All settings of the server, checked; made once at start by `loadSettings`. Paths are absolute. */
export interface Settings {
  readonly host: string;
  /** 0: any port that is free. */
  readonly port: number;
  /** Without a slash at its end; null where clients use the address that the server listens on. */
  readonly publicUrl: string | null;
  readonly trustProxy: boolean;
  readonly open: boolean;
  readonly data: string;
  readonly database: { readonly kind: 'sqlite'; readonly path: string };
  readonly broker: { readonly kind: 'memory' };
  readonly blobs: { readonly kind: 'file'; readonly path: string };
  readonly workers: number;
  readonly sandbox: (typeof sandboxes)[number];
  readonly uploadBytesMax: number;
  readonly storageReserveBytes: number;
  readonly queuedJobsMax: number;
  readonly serviceQueuedJobsMax: Readonly<Record<string, number>>;
  readonly callerQueuedJobsMax: number | null;
  readonly queueWaitMaxMs: number;
  readonly serviceQueueWaitMax: Readonly<Record<string, number>>;
  readonly clientRate: Rate | null;
  readonly serviceConcurrency: Readonly<Record<string, number>>;
  readonly serviceRate: Readonly<Record<string, Rate>>;
  readonly ocrEngine: OcrEngineChoice;
  readonly resultRetentionMs: number;
  readonly recordRetentionMs: number;
  readonly fileRetentionMs: number;
  readonly allowSource: readonly SourceRule[];
  /** Null: all of them while there is no authentication, else none. */
  readonly dropin: readonly DropInName[] | null;
  readonly tapReportIntervalMs: number;
  readonly mqtt: string | null;
  readonly logLevel: (typeof logLevels)[number];
}

const sandboxes = ['auto', 'bwrap', 'unshare', 'none'] as const;
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const longestMs = 3650 * 86_400_000;
const retention = duration(1, longestMs);
const largestUpload = 1024 ** 4;

/** One setting: its kind, its default as it would be written (null: not set), and what it is for. */
interface Setting<T> {
  readonly kind: SettingKind<T>;
  readonly fallback: string | null;
  readonly help: string;
  /** How the help shows a default that differs from machine to machine. */
  readonly shown?: string;
}

const table: { readonly [Key in keyof Settings]: Setting<Settings[Key]> } = {
  host: { kind: hostName, fallback: '127.0.0.1', help: 'Address to listen on. One that other machines can reach needs --open.' },
  port: { kind: wholeNumber(0, 65_535), fallback: '8080', help: 'Port to listen on; 0 takes any free one.' },
  publicUrl: {
    kind: originUrl,
    fallback: null,
    help: 'Address under which clients reach the server, where it is another (behind a proxy): a host of its own, without a path.',
  },
  trustProxy: { kind: yesOrNo, fallback: 'false', help: 'Believe the X-Forwarded-* headers of a proxy in front of the server.' },
  open: {
    kind: yesOrNo,
    fallback: 'false',
    help: 'Serve other machines although there is no authentication: whoever reaches the port may do everything.',
  },
  data: { kind: folder, fallback: './data', help: 'Folder for all that is kept. One server at a time uses it.' },
  database: {
    kind: databaseUrl,
    fallback: 'sqlite:',
    help: 'Where jobs are kept: "sqlite:" in the data folder, or "sqlite:FILE".',
  },
  broker: { kind: brokerUrl, fallback: 'memory:', help: 'How processes wake each other: "memory:" within this one.' },
  blobs: {
    kind: blobsUrl,
    fallback: 'file:',
    help: 'Where the bytes of files lie: "file:" in the data folder, or "file:FOLDER".',
  },
  workers: {
    kind: wholeNumber(0, 1024),
    fallback: String(availableParallelism()),
    shown: 'one a core',
    help: 'Executors: how many jobs run at once in this process; 0 runs none here.',
  },
  sandbox: {
    kind: oneOf('kind', sandboxes),
    fallback: 'auto',
    help: 'What shuts executors in: auto (the strongest that works here), bwrap, unshare or none. A named one must work, else the server does not start.',
  },
  uploadBytesMax: { kind: byteSize(1, largestUpload), fallback: '2GB', help: 'Largest body that is taken. A KB is 1,024 bytes.' },
  storageReserveBytes: {
    kind: byteSize(0, largestUpload),
    fallback: '256MB',
    help: 'Free space that is kept for the work under way: with less, new files and jobs are refused with 507.',
  },
  queuedJobsMax: {
    kind: wholeNumber(1, 1_000_000_000),
    fallback: '1000000',
    help: 'Jobs that may wait; more are refused with 503.',
  },
  serviceQueuedJobsMax: {
    kind: perService('count', readCount),
    fallback: '',
    shown: 'no limit',
    help: 'Jobs of a service that may wait: thumbnails=5000,ocr=200. More are refused with 503.',
  },
  callerQueuedJobsMax: {
    kind: wholeNumber(1, 1_000_000_000),
    fallback: null,
    help: 'Jobs of one caller that may wait; more are refused with 429.',
  },
  queueWaitMaxMs: {
    kind: duration(1, longestMs),
    fallback: '1d',
    help: 'A job that would wait longer than this, at the pace of the last seconds, is refused with 503.',
  },
  serviceQueueWaitMax: {
    kind: perService('duration', readDuration),
    fallback: '',
    shown: 'as --queue-wait-max',
    help: 'The same for single services: thumbnails=30s,ocr=10m.',
  },
  clientRate: {
    kind: rate,
    fallback: null,
    help: 'Requests that one client address may send in a time: 100/1s. More are refused with 429.',
  },
  serviceConcurrency: {
    kind: perService('count', readCount),
    fallback: '',
    shown: 'no limit',
    help: 'Jobs of a service that may run at once: thumbnails=2,ocr=1.',
  },
  serviceRate: {
    kind: perService('count/duration', readRate),
    fallback: '',
    shown: 'no limit',
    help: 'Jobs of a service that may start in a time: thumbnails=10/1m.',
  },
  ocrEngine: {
    kind: oneOf('engine', ocrEngines),
    fallback: 'auto',
    help: 'What reads text: auto (the tesseract program where it is installed, else tesseract.js), program or js.',
  },
  resultRetentionMs: {
    kind: retention,
    fallback: '7d',
    help: 'How long results and their files are kept after the end of the job.',
  },
  recordRetentionMs: {
    kind: retention,
    fallback: '30d',
    help: 'How long the record and the history of a job are kept after its result has gone.',
  },
  fileRetentionMs: { kind: retention, fallback: '1d', help: 'How long files that were uploaded for later jobs are kept.' },
  allowSource: {
    kind: sourceRules,
    fallback: '',
    shown: 'the public internet',
    help: 'What links may lead to besides: nas,*.example.org:9000,10.0.0.0/8,[fd00::/8]:*. Without a port: on 80, 443, 8080 and 8443.',
  },
  dropin: {
    kind: someOf(dropInNames),
    fallback: null,
    shown: 'all while there is no authentication',
    help: `Older services whose paths are served, too: all, none, or some of ${dropInNames.join(', ')}.`,
  },
  tapReportIntervalMs: {
    kind: duration(100, 86_400_000),
    fallback: '5s',
    help: 'How often the shares of the taps are told while something changes; after every tenth pour they are told besides.',
  },
  mqtt: {
    kind: mqttUrl,
    fallback: null,
    help: 'A broker through which taps tell their pours (taps/NUMBER/pours) and hear what happens (taps/events).',
  },
  logLevel: {
    kind: oneOf('level', logLevels),
    fallback: 'info',
    help: `How much is logged, as JSON lines on stderr: ${logLevels.join(', ')}.`,
  },
};

/** What the help, the documentation and the command line need to know of a setting. */
export interface SettingDefinition {
  /** Without the dashes: `public-url`. */
  readonly name: string;
  readonly env: string;
  /** Null for a switch, which needs no value. */
  readonly placeholder: string | null;
  /** Null where it is not set. */
  readonly fallback: string | null;
  readonly help: string;
}

const keys = Object.keys(table).filter((key): key is keyof Settings => Object.hasOwn(table, key));

export const settingDefinitions: readonly SettingDefinition[] = keys.map((key) => {
  const { kind, fallback, shown, help } = table[key];
  return { name: flagName(key), env: envName(key), placeholder: kind.placeholder, fallback: shown ?? fallback, help };
});

/** Variables of the same prefix that are for other commands than the server. */
const otherVariables = new Set(['COATCHECK_SERVER']);

/** Settings that cannot be used: each problem is a sentence that says what is wrong and what would be right. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const told = problems.map(redactText);
    super(told.join('\n'));
    this.name = 'SettingsError';
    this.problems = told;
  }
}

export interface SettingSources {
  /** By name without dashes (`upload-bytes-max`); true for a switch that stands alone. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The services that are installed; a limit of any other is refused. Not checked where this is missing. */
  readonly services?: readonly string[];
}

/** Reads and checks all settings: a flag wins over its variable, an empty variable counts as not set. Throws `SettingsError`. */
export function loadSettings(sources: SettingSources): Settings {
  const problems = unknownNames(sources);
  const data = read('data', sources, process.cwd(), problems) ?? process.cwd();
  const values = Object.fromEntries(keys.map((key) => [key, read(key, sources, String(data), problems)]));
  if (problems.length > 0) throw new SettingsError([...new Set(problems)]);
  // Each value comes from the kind that the table, typed by `Settings`, has under the same key.
  const settings = values as unknown as Settings;
  const conflicts = contradictions(settings, sources.services);
  if (conflicts.length > 0) throw new SettingsError(conflicts);
  return settings;
}

function read(key: keyof Settings, { flags, env }: SettingSources, dataFolder: string, problems: string[]): unknown {
  const { kind, fallback } = table[key];
  const flag = flags[flagName(key)];
  const variable = env[envName(key)] || undefined;
  const text = flag === undefined ? (variable ?? fallback) : String(flag);
  if (text === null) return null;
  try {
    if (flag === '' || (flag === true && kind.placeholder !== null)) throw new BadValue('needs a value');
    return kind.parse(text, dataFolder);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    const name = flag === undefined ? envName(key) : `--${flagName(key)}`;
    const given = kind.secret || flag === true || text === '' ? '' : `, not "${text.slice(0, 100)}"`;
    problems.push(`${name} ${error.message}${given}.${serviceLinkHint(name, text)}`);
    return null;
  }
}

function unknownNames({ flags, env }: SettingSources): string[] {
  const flagNames = settingDefinitions.map(({ name }) => name);
  const envNames = settingDefinitions.map(({ env: name }) => name);
  const unknownFlags = Object.keys(flags).filter((name) => flags[name] !== undefined && !flagNames.includes(name));
  const unknownVariables = Object.keys(env).filter(
    (name) => name.startsWith('COATCHECK_') && !envNames.includes(name) && !otherVariables.has(name),
  );
  return [
    ...unknownFlags.map((name) => `There is no flag --${name}.${suggestion(`--`, nearestName(name, flagNames))}`),
    ...unknownVariables.map((name) => {
      const hint = serviceLinkHint(name, env[name] ?? '') || suggestion('', nearestName(name, envNames));
      return `There is no setting ${name}.${hint}`;
    }),
  ];
}

function suggestion(dashes: string, name: string | null): string {
  return name === null ? ' "coatcheck serve --help" lists all settings.' : ` Did you mean ${dashes}${name}?`;
}

/** Kubernetes sets variables such as COATCHECK_PORT=tcp://10.0.0.1:80 in every pod beside a Service of the name coatcheck. */
function serviceLinkHint(name: string, value: string): string {
  const link = /^COATCHECK_(PORT|SERVICE_(HOST|PORT)(_.*)?|PORT_\d+_(TCP|UDP)(_.*)?)$/.test(name);
  const kubernetes = link && (/^(tcp|udp):\/\//.test(value) || name !== 'COATCHECK_PORT');
  return kubernetes ? ' Kubernetes sets it for a Service named coatcheck: put "enableServiceLinks: false" into the pod.' : '';
}

function contradictions(settings: Settings, services: readonly string[] | undefined): string[] {
  const problems: string[] = [];
  if (!isLoopback(settings.host) && !settings.open) {
    problems.push(
      `The address ${settings.host} can be reached from other machines and there is no authentication: listen on 127.0.0.1, or add --open (COATCHECK_OPEN=true) to let everybody in.`,
    );
  }
  for (const [key, limits] of [
    ['serviceConcurrency', settings.serviceConcurrency],
    ['serviceRate', settings.serviceRate],
    ['serviceQueuedJobsMax', settings.serviceQueuedJobsMax],
    ['serviceQueueWaitMax', settings.serviceQueueWaitMax],
  ] as const) {
    for (const service of Object.keys(limits)) {
      if (services === undefined || services.includes(service)) continue;
      problems.push(
        `--${flagName(key)} names the service "${service}", which is not installed; there is ${services.join(', ')}.`,
      );
    }
  }
  return problems;
}

function flagName(key: keyof Settings): string {
  return key.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function envName(key: keyof Settings): string {
  return `COATCHECK_${flagName(key).replaceAll('-', '_').toUpperCase()}`;
}
