import type { Json, JsonObject } from './json.ts';

/**
 * Keeps secrets out of what people read: the log, errors, and jobs as they are told. The one place that knows how secrets are
 * named and where they stand in a text. What is blotted out becomes `***`; whoever needs the value has it from elsewhere.
 */

const mask = '***';

/** Words at the end of a name that make its value a secret: `password`, `accessToken`, `X-Amz-Signature`. */
const words =
  'password|passwd|passphrase|secret|token|signature|credentials?|authorization|cookie|api[-_]?key|access[-_]?key|private[-_]?key';
/** Names that are secrets only when they are the whole name. */
const wholeNames = 'sig|pwd|jwt|hmac';

const secretName = new RegExp(`(?:${words})$|^(?:${wholeNames})$`, 'i');

/** Whether the value that goes by this name is a secret. An option that holds one must have such a name. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

const value = `[^\\s"'\\\\<>&#;,)\\]}]+`;

/** Each takes what stands before the secret as its first group. */
const patterns: readonly RegExp[] = [
  // The user of an address: https://user:password@host.
  /(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s"'<>\\/?#]{1,2000}@/gi,
  // A parameter of an address or a form: ?X-Amz-Signature=…, &sig=…; `key` too, as that is how some are signed.
  new RegExp(`([?&;#](?:[\\w.%-]{0,60}(?:${words})|${wholeNames}|key|auth)=)${value}`, 'gi'),
  // A header or a setting in a sentence: Authorization: Basic …, password=….
  new RegExp(`(\\b(?:proxy-)?authorization\\b["']?\\s{0,5}[:=]\\s{0,5}["']?(?:[a-z]{1,20}\\s{1,5})?)${value}`, 'gi'),
  /(\b(?:set-)?cookie\b\s{0,5}[:=]\s{0,5})[^"'\\\r\n]+/gi,
  new RegExp(`((?<![\\w/.-])[\\w.-]{0,60}(?:${words})\\s{0,5}[:=]\\s{0,5})${value}`, 'gi'),
  /(\bbearer\s{1,5})[A-Za-z0-9+/=._~-]{8,}/gi,
  // A member of a JSON object, and of one that is itself text in another.
  new RegExp(`("[\\w.-]{0,60}(?:${words}|${wholeNames})"\\s{0,5}:\\s{0,5}")(?:[^"\\\\]|\\\\.)*`, 'gi'),
  new RegExp(`(\\\\"[\\w.-]{0,60}(?:${words}|${wholeNames})\\\\"\\s{0,5}:\\s{0,5}\\\\")(?:[^"\\\\]|\\\\[^"])*`, 'gi'),
  // Keys that tell by their beginning what they are.
  /(\b(?:whsec|cck)_)[A-Za-z0-9+/=_-]+/g,
];

/** What every text with a secret has somewhere: most texts are done with after this. */
const suspicious = new RegExp(
  `${words}|:\\/\\/[^\\s"'<>\\\\/?#]{1,2000}@|[?&;#"](?:${wholeNames}|key|auth)["=]|bearer|whsec_|cck_`,
  'i',
);

/** A text without the secrets that can be told by their place. A line of JSON stays one. */
export function redactText(text: string): string {
  if (!suspicious.test(text)) return text;
  return patterns.reduce((left, pattern) => left.replace(pattern, (_all, before: string) => hidden(before)), text);
}

function hidden(before: string): string {
  return before.endsWith('://') ? `${before}${mask}@` : `${before}${mask}`;
}

/** An object as it may be told: what goes by the name of a secret is masked, at any depth. */
export function redactJson(object: JsonObject): JsonObject {
  const text = JSON.stringify(object);
  return suspicious.test(text) ? (maskedIn(object) as JsonObject) : object;
}

function maskedIn(json: Json): Json {
  if (Array.isArray(json)) return json.map(maskedIn);
  if (json === null || typeof json !== 'object') return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, member]) => [name, isSecretName(name) && member !== null ? mask : maskedIn(member)]),
  );
}
