import type { JsonObject } from '../../core/json.ts';

/** What this browser keeps from one visit to the next. A browser that stores nothing begins anew each time. */

const serviceKey = 'coatcheck.service';
const optionsKey = (service: string) => `coatcheck.options.${service}`;

export function rememberedService(): string | null {
  return read(serviceKey);
}

export function rememberService(service: string): void {
  write(serviceKey, service);
}

/** Whatever was kept: it is checked against the fields of today. */
export function rememberedOptions(service: string): JsonObject {
  try {
    const kept: unknown = JSON.parse(read(optionsKey(service)) ?? '{}');
    return isObject(kept) ? kept : {};
  } catch {
    // Somebody else wrote there.
    return {};
  }
}

export function rememberOptions(service: string, options: JsonObject): void {
  write(optionsKey(service), JSON.stringify(options));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    // It holds until the page is left.
  }
}
