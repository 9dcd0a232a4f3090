import type { Json } from '../../core/json.ts';
import { timeSlices } from '../../core/time-slices.ts';
import { invalidFields } from '../validation.ts';
import { endOfString, parseStrictJsonText } from './strict-json.ts';
import { isObject } from './submission.ts';

const quote = 0x22;

/**
 * The members of the list `name` in a document that has nothing else (`{"jobs":[…]}`), parsed one by one in slices of time: a
 * long one does not hold up other requests. Throws `malformed-json`, and `validation-error` for a document of another form and
 * for fewer than 1 or more than `membersMax` members.
 */
export async function parseJsonList(text: string, name: string, membersMax: number): Promise<Json[]> {
  const texts = memberTexts(text, name, membersMax);
  if (texts === null) return listOf(parseStrictJsonText(text), name, membersMax);
  const slices = timeSlices();
  const members: Json[] = [];
  for (const member of texts) {
    if (members.length === membersMax) throw tooMany(name, membersMax);
    const parsed = parsedOrNone(member);
    // Cut wrongly, or wrong itself: the parser of the whole document knows what to say.
    if (parsed === undefined) return listOf(parseStrictJsonText(text), name, membersMax);
    members.push(parsed);
    await slices.pause();
  }
  if (members.length === 0) throw tooFew(name);
  return members;
}

function parsedOrNone(text: string): Json | undefined {
  try {
    return parseStrictJsonText(text);
  } catch {
    return undefined;
  }
}

/** The slow way, for documents that are written unusually or wrongly. */
function listOf(document: Json, name: string, membersMax: number): Json[] {
  if (!isObject(document)) throw invalidFields([{ pointer: '#', detail: 'must be object' }]);
  const unknown = Object.keys(document).find((member) => member !== name);
  if (unknown !== undefined) throw invalidFields([{ pointer: `#/${unknown.slice(0, 100)}`, detail: 'is not known' }]);
  const list = document[name];
  if (list === undefined) throw invalidFields([{ pointer: `#/${name}`, detail: 'is required' }]);
  if (!Array.isArray(list)) throw invalidFields([{ pointer: `#/${name}`, detail: 'must be array' }]);
  if (list.length === 0) throw tooFew(name);
  if (list.length > membersMax) throw tooMany(name, membersMax);
  return list;
}

function tooFew(name: string): Error {
  return invalidFields([{ pointer: `#/${name}`, detail: 'must NOT have fewer than 1 items' }]);
}

function tooMany(name: string, membersMax: number): Error {
  return invalidFields([{ pointer: `#/${name}`, detail: `must NOT have more than ${membersMax} items` }]);
}

/** The texts of the members; null where the document is not written as `{"name":[…]}`. What the members are is not looked at. */
function memberTexts(text: string, name: string, membersMax: number): Iterable<string> | null {
  const start = new RegExp(`^[ \\t\\r\\n]*\\{[ \\t\\r\\n]*"${name}"[ \\t\\r\\n]*:[ \\t\\r\\n]*\\[`).exec(text.slice(0, 200))?.[0]
    .length;
  const end = /\][ \t\r\n]*\}[ \t\r\n]*$/.exec(text.slice(-200))?.index;
  if (start === undefined || end === undefined) return null;
  const last = Math.max(0, text.length - 200) + end;
  return split(text, start, last, membersMax);
}

/** Cuts a list at its commas. A text that is no list is cut wrongly, and the parser of the members says so. */
function* split(text: string, start: number, end: number, membersMax: number): Generator<string> {
  if (text.slice(start, end).trim() === '') return;
  let depth = 0;
  let from = start;
  let members = 0;
  for (let at = start; at < end; at += 1) {
    const char = text.charCodeAt(at);
    if (char === quote) {
      const behind = endOfString(text, at);
      at = behind === -1 ? end : behind - 1;
    }
    if (char === 0x7b || char === 0x5b) depth += 1;
    else if (char === 0x7d || char === 0x5d) depth -= 1;
    else if (char === 0x2c && depth === 0) {
      yield text.slice(from, at);
      from = at + 1;
      members += 1;
      if (members > membersMax) return;
    }
  }
  yield text.slice(from, end);
}
