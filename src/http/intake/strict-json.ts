import { ServiceError } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Names that could reach the prototype of an object. */
export const reservedNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const namesMax = 100_000;

const quote = 0x22;
const backslash = 0x5c;

/**
 * Parses JSON of which two readers cannot think differently. Throws `malformed-json` for what is no JSON in UTF-8, and also for
 * a byte order mark, duplicate or reserved names, lone surrogates, numbers beyond the range of a double, nesting deeper
 * than `limits.jsonDepthMax`, and more than 100,000 names.
 */
export function parseStrictJson(bytes: Buffer): Json {
  return parseStrictJsonText(utf8Text(bytes));
}

/** Throws `malformed-json` for what is no UTF-8. */
export function utf8Text(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw malformed('It is not UTF-8.', cause);
  }
}

export function parseStrictJsonText(text: string): Json {
  if (text.charCodeAt(0) === 0xfeff) throw malformed('It begins with a byte order mark.');
  // Before anything is built: nesting and names are where a small body becomes large in memory.
  scan(text);
  try {
    // `JSON.parse` gives JSON values and nothing else.
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw malformed(placeOf(cause), cause);
  }
}

/** One pass over the text that checks what `JSON.parse` lets through. It may stumble over what is no JSON: the parser then says so. */
function scan(text: string): void {
  // For each open object the names so far, for each open array null.
  const open: (Set<string> | null)[] = [];
  const escapes = text.includes('\\u');
  let names = 0;
  let at = 0;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === quote) {
      const end = endOfString(text, at);
      if (end === -1) throw malformed('A string does not end.');
      const siblings = open.at(-1);
      if (siblings instanceof Set && isName(text, end)) {
        names += 1;
        if (names > namesMax) throw malformed(`It has more than ${namesMax} names.`);
        addName(siblings, nameAt(text, at, end));
      }
      if (escapes) checkEscapes(text.slice(at, end));
      at = end;
      continue;
    }
    if (char === 0x7b || char === 0x5b) {
      open.push(char === 0x7b ? new Set() : null);
      if (open.length > limits.jsonDepthMax) throw malformed(`It is nested deeper than ${limits.jsonDepthMax}.`);
    } else if (char === 0x7d || char === 0x5d) {
      open.pop();
    } else if (char === 0x2d || (char >= 0x30 && char <= 0x39)) {
      at = endOfNumber(text, at);
      continue;
    }
    at += 1;
  }
}

/** The place behind the closing quote, or -1. */
export function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  return -1;
}

function isName(text: string, end: number): boolean {
  let at = end;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(at) === 0x3a;
}

function isSpace(char: number): boolean {
  return char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09;
}

function addName(names: Set<string>, name: string): void {
  if (reservedNames.has(name)) throw malformed(`The name "${name}" is reserved.`);
  if (names.has(name)) throw malformed(`The name ${JSON.stringify(name.slice(0, 100))} stands twice in one object.`);
  names.add(name);
}

function nameAt(text: string, start: number, end: number): string {
  const inside = text.slice(start + 1, end - 1);
  if (!inside.includes('\\')) return inside;
  try {
    return String(JSON.parse(text.slice(start, end)));
  } catch (cause) {
    throw malformed('A name has an escape that JSON does not have.', cause);
  }
}

/** What came in is well-formed Unicode, so that only escapes can spell half a character. */
function checkEscapes(string: string): void {
  if (!string.includes('\\u')) return;
  const units = string.replace(/\\[^u]/g, '');
  const spelled = units.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (/\p{Surrogate}/u.test(spelled)) throw malformed('A string has half a surrogate pair.');
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (isNumberChar(text.charCodeAt(at))) at += 1;
  if (at - start > 300 || /[eE]/.test(text.slice(start, at))) {
    const value = Number(text.slice(start, at));
    if (!Number.isFinite(value)) throw malformed('A number is too large.');
  }
  return at;
}

function isNumberChar(char: number): boolean {
  return (char >= 0x30 && char <= 0x39) || char === 0x2e || char === 0x65 || char === 0x45 || char === 0x2b || char === 0x2d;
}

function placeOf(cause: unknown): string {
  const place = cause instanceof Error ? /position (\d+)/.exec(cause.message)?.[1] : undefined;
  return place === undefined ? 'It ends too early or is empty.' : `It goes wrong at character ${place}.`;
}

function malformed(why: string, cause?: unknown): ServiceError {
  return new ServiceError('malformed-json', `The body is not valid JSON. ${why}`, { cause });
}
