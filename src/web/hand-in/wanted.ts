import { signal } from '@preact/signals';
import type { ServiceView } from '../../client/client.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Chosen } from './chosen.ts';
import { fieldsOf } from './options/fields.ts';
import { errorsOf, type FieldErrors, givenValues, startValues, type Values } from './options/values.ts';
import { unfitReason } from './refusals.ts';
import { rememberedOptions, rememberedService, rememberOptions, rememberService } from './remembered.ts';

/** What shall be done with the files: the service that was clicked, and what is set for each. */
const clicked = signal<string | null>(null);
const set = signal<Readonly<Record<string, Values>>>({});
/** What is wrong with the options of the service, by here or by the server. */
export const fieldErrors = signal<FieldErrors>(new Map());

/** Papers, not photos: what is wanted of them is their text. */
const paperTypes = ['application/pdf', 'image/tiff'];
const paperService = 'ocr';

/** The service that stands chosen: the clicked one, else what suits the files, else what was used last. Null where none can take them. */
export function wantedService(services: readonly ServiceView[], entries: readonly Chosen[]): ServiceView | null {
  const able = services.filter((service) => unfitReason(service, entries) === null);
  const named = (name: string | null) => able.find((service) => service.name === name);
  const hasPaper = entries.some(({ mediaType }) => mediaType !== null && paperTypes.includes(mediaType));
  const suits = hasPaper ? named(paperService) : undefined;
  return named(clicked.value) ?? suits ?? named(rememberedService()) ?? able[0] ?? null;
}

export function wantService(name: string): void {
  clicked.value = name;
  fieldErrors.value = new Map();
}

/** The next files are a new question. */
export function forgetClick(used: string): void {
  rememberService(used);
  clicked.value = null;
}

export function valuesOf(service: ServiceView): Values {
  return set.value[service.name] ?? startValues(fieldsOf(service), rememberedOptions(service.name));
}

export function setValue(service: ServiceView, name: string, value: Json): void {
  keep(service, { ...valuesOf(service), [name]: value });
  // What was said about the field was about its value.
  fieldErrors.value = new Map([...fieldErrors.value].filter(([place]) => place.split('/')[0] !== name));
}

export function resetValues(service: ServiceView): void {
  keep(service, startValues(fieldsOf(service)));
  fieldErrors.value = new Map();
}

/** What is to be sent as `options`. */
export function optionsOf(service: ServiceView): JsonObject {
  return givenValues(fieldsOf(service), valuesOf(service));
}

/** Whether the options can be sent; tells at the fields where they cannot. */
export function checkOptions(service: ServiceView): boolean {
  fieldErrors.value = errorsOf(fieldsOf(service), valuesOf(service));
  return fieldErrors.value.size === 0;
}

/** The kinds that some service takes, for the file picker. */
export function allTypes(services: readonly ServiceView[]): string[] {
  return [...new Set(services.flatMap(({ accepts }) => accepts))];
}

function keep(service: ServiceView, values: Values): void {
  set.value = { ...set.value, [service.name]: values };
  rememberOptions(service.name, givenValues(fieldsOf(service), values));
}
