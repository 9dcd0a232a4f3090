import { JobSettings } from '../../contracts/job.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { isSecretName } from '../../core/redact.ts';
import type { NewInput } from '../../engine/received.ts';
import type { Service } from '../../ports/service.ts';
import { memberSchema, takesList, valueFromText } from '../option-text.ts';
import { compileStrict, escapePointer, invalidFields, refuseUnknown } from '../validation.ts';
import { reservedNames } from './strict-json.ts';

/** What to work on: bytes that are stored already, a stored file, a link, or what an earlier job made. */
export type RequestedSource =
  | { readonly input: NewInput }
  | { readonly file: string }
  | { readonly url: string }
  | { readonly job: string; readonly output?: string };

/** A request for a job as it was read, whichever way it came: checked, defaults filled in, its bytes stored. */
export interface JobRequest {
  readonly source: RequestedSource | null;
  readonly options: JsonObject;
  readonly settings: JobSettings;
}

export const settingNames = Object.keys(JobSettings.properties);
const checkSettings = compileStrict({ ...JobSettings, additionalProperties: false });

/** What is checked about a service's requests, compiled once a service. */
export interface ServiceIntake {
  readonly service: Service;
  /** Options and settings of a JSON document, `source` left out. Throws `validation-error`. */
  readonly fromDocument: (document: JsonObject) => Pick<JobRequest, 'options' | 'settings'>;
  /** The document that text fields (of a query or form) mean: job settings by name, `label.KEY`, and every other as an option. */
  readonly documentOf: (fields: ReadonlyMap<string, readonly string[]>) => JsonObject;
}

export function createServiceIntake(service: Service): ServiceIntake {
  checkSecretNames(service);
  const checkOptions = compileStrict({ type: 'object', properties: { options: service.contract.options } });
  return {
    service,
    fromDocument(document) {
      refuseUnknown(document, ['options', ...settingNames]);
      const { options, ...settings } = document;
      checkSettings(settings);
      // Without options too: they have defaults to be filled in.
      const asked: { options: Json } = { options: options === undefined ? {} : options };
      checkOptions(asked);
      const filled = asked.options;
      if (!isObject(filled)) throw invalidFields([{ pointer: '#/options', detail: 'must be object' }]);
      // Checked against the schema of this type above.
      return { options: normalized(service, filled), settings: settings as JobSettings };
    },
    documentOf: (fields) => documentOf(service, fields),
  };
}

/** Secrets are kept out of answers and logs by their names: an option that holds one must say so both ways. */
function checkSecretNames({ name, contract }: Service): void {
  const options: Readonly<Record<string, { readonly writeOnly?: boolean }>> = Object(contract.options).properties ?? {};
  for (const [option, { writeOnly = false }] of Object.entries(options)) {
    if (writeOnly === isSecretName(option)) continue;
    throw new Error(
      writeOnly
        ? `The option ${option} of ${name} is writeOnly, but its name does not tell that it is a secret (core/redact.ts).`
        : `The option ${option} of ${name} is a secret by its name: it must be writeOnly.`,
    );
  }
}

function normalized({ normalize }: Service, options: JsonObject): JsonObject {
  const normal = normalize?.(options) ?? options;
  if (Array.isArray(normal)) throw invalidFields(normal);
  return normal;
}

function documentOf(service: Service, fields: ReadonlyMap<string, readonly string[]>): JsonObject {
  const document = new Map<string, Json>();
  const options = new Map<string, Json>();
  const labels = new Map<string, Json>();
  for (const [name, texts] of fields) {
    if (reservedNames.has(name.replace(/^label\./, '')))
      throw invalidFields([{ pointer: `#/${escapePointer(name)}`, detail: 'is a reserved name' }]);
    const option = memberSchema(service.contract.options, name);
    const setting = option === undefined ? memberSchema(JobSettings, name) : undefined;
    const schema = option ?? setting;
    if (texts.length > 1 && !takesList(schema))
      throw invalidFields([{ pointer: pointerOf(name, option), detail: 'is given more than once' }]);
    const value = texts.length > 1 ? texts.flatMap((text) => valueFromText(text, schema)) : valueFromText(texts[0] ?? '', schema);
    if (option === undefined && name.startsWith('label.')) labels.set(name.slice('label.'.length), value);
    else if (setting === undefined) options.set(name, value);
    else document.set(name, value);
  }
  if (labels.size > 0) document.set('labels', Object.fromEntries(labels));
  return { ...Object.fromEntries(document), options: Object.fromEntries(options) };
}

function pointerOf(name: string, option: unknown): string {
  return option === undefined && settingNames.includes(name) ? `#/${name}` : `#/options/${escapePointer(name)}`;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a parsed query; a parameter that comes twice is refused, as two readers could take either. */
export function queryFields(query: unknown): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (typeof value !== 'string')
      throw invalidFields([{ pointer: `#/${escapePointer(name)}`, detail: 'is given more than once' }]);
    if (fields.size >= limits.multipartFieldsMax) throw invalidFields([{ pointer: '#', detail: 'has too many parameters' }]);
    fields.set(name, [value]);
  }
  return fields;
}
