import fc, { type Arbitrary } from 'fast-check';
import type { ApiDescription, JsonSchema, Operation, Parameter } from './api-description.ts';
import { invalidOf, type Meanings, validOf } from './arbitrary-of.ts';
import { onePixelPng } from './pictures.ts';

/** A request as the description has it, or not quite. Ids that stand for something real are written `KNOWNJOB7X`. */
export interface ApiRequest {
  /** The id of the operation. */
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
  /** What must become of it, as far as its data goes. */
  readonly expects: 'accepted' | 'refused' | 'either';
}

type KnownKind = 'JOB' | 'FILE' | 'ACTION';

/** Puts real ids where a generated request names known ones. */
export function withKnownIds(text: string, idOf: (kind: string, index: number) => string): string {
  return text.replace(/KNOWN(JOB|FILE|ACTION)(\d+)X/g, (_, kind: string, index: string) => idOf(kind, Number(index)));
}

const known = (kind: KnownKind): Arbitrary<string> => fc.nat({ max: 40 }).map((index) => `KNOWN${kind}${index}X`);
const anyId = fc.oneof(
  { weight: 6, arbitrary: known('JOB') },
  { weight: 3, arbitrary: known('FILE') },
  { weight: 2, arbitrary: known('ACTION') },
  { weight: 1, arbitrary: fc.uuid({ version: 7 }) },
);
const moment = (daysMin: number, daysMax: number) =>
  fc.tuple(fc.integer({ min: daysMin, max: daysMax }), fc.constantFrom('d', 'h', 'date', 'offset')).map(([days, unit]) => {
    if (unit === 'd') return `${days}d`;
    if (unit === 'h') return `${days * 24}h`;
    const date = new Date(Date.now() + days * 86_400_000).toISOString();
    return unit === 'date' ? date : date.replace('Z', '+00:00');
  });

/** What the schemas leave to words. */
export function meaningsFor(origin: string): Meanings {
  return {
    byName: {
      file: known('FILE'),
      job: known('JOB'),
      ids: anyId,
      runAt: fc.oneof(fc.constant('0s'), fc.constant('1ms'), moment(1, 100)),
      deadline: moment(200, 300),
      pouredAt: fc.date({ min: new Date(0), max: new Date(), noInvalidDate: true }).map((date) => date.toISOString()),
      wait: fc.constantFrom('0s', '1ms', '20ms', '0d'),
      prefer: fc.oneof(
        { weight: 1, arbitrary: fc.constant('wait=1') },
        { weight: 9, arbitrary: fc.constantFrom('wait=0', 'respond-async', 'wait=x', 'handling=lenient, wait=0') },
      ),
      range: fc.constantFrom('bytes=0-0', 'bytes=1-', 'bytes=-5', 'bytes=99999-', 'lines=1-2'),
      'if-none-match': fc.constantFrom('*', '"x"'),
      'if-range': fc.constantFrom('"x"', 'Sat, 01 Jan 2000 00:00:00 GMT'),
      'last-event-id': fc.constantFrom('', 'ZTE', 'ZTk5OTk5'),
      service: fc.constantFrom('thumbnails', 'scripted'),
    },
    byFormat: {
      uuid: fc.uuid({ version: 7 }),
      'date-time': fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString()),
      byte: fc.constantFrom(onePixelPng.toString('base64'), onePixelPng.toString('base64url')),
      binary: fc.constant('BYTES'),
      uri: fc.constantFrom(`${origin}/a.png`, `${origin}/gone`),
      'file-name': fc.stringMatching(/^(C:\\a\\)?[A-Za-z0-9é日 _-]{1,60}[a-z]\.png$/u),
    },
  };
}

interface Part {
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Requests for an operation: mostly right ones, and such as have one thing wrong. */
export function requestsFor(api: ApiDescription, operation: Operation, meanings: Meanings): Arbitrary<ApiRequest> {
  const path = pathOf(operation, meanings);
  const bodies = validBodies(api, operation, meanings);
  const headers = headersOf(api, operation, meanings);
  const query = queryOf(api, operation, meanings);
  const build = (expects: ApiRequest['expects'], url: string, ...parts: readonly Part[]): ApiRequest => {
    const search = parts.flatMap((part) => part.query ?? []).map(([name, value]) => `${encode(name)}=${encode(value)}`);
    return {
      operation: operation.operationId,
      method: operation.method,
      url: search.length === 0 ? url : `${url}?${search.join('&')}`,
      headers: Object.assign({}, ...parts.map((part) => part.headers)),
      body: parts.find((part) => part.body !== undefined)?.body ?? null,
      expects,
    };
  };
  const valid = bodies.chain((body) =>
    fc
      .tuple(path, headers, takesQuery(operation, body) ? query : fc.constant({}))
      .map(([url, own, asked]) => build('accepted', url, own, asked, body)),
  );
  const wrong = [
    ...wrongQueries(api, operation, meanings, bodies).map((parts) =>
      fc.tuple(path, parts).map(([url, { expects, part, body }]) => build(expects, url, part, body)),
    ),
    ...wrongBodies(api, operation, meanings).map((part) =>
      fc.tuple(path, part).map(([url, body]) => build('refused', url, body)),
    ),
    ...wrongKeys(operation).map((part) =>
      fc.tuple(path, bodies, part).map(([url, body, own]) => build('refused', url, body, own)),
    ),
    ...wrongPaths(operation).map((url) => fc.tuple(url, bodies).map(([at, body]) => build('refused', at, body))),
    ...(operation.responses[406] === undefined
      ? []
      : [fc.tuple(path, bodies).map(([url, body]) => build('refused', url, body, { headers: { accept: 'image/x-none' } }))]),
  ];
  return fc.oneof({ weight: wrong.length + 2, arbitrary: valid }, ...wrong.map((arbitrary) => ({ weight: 1, arbitrary })));
}

const encode = (text: string) => encodeURIComponent(text);

function pathOf({ path, parameters }: Operation, meanings: Meanings): Arbitrary<string> {
  const names = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
  const values = names.map((name) => (name === 'id' ? anyId : (meanings.byName[name] ?? fc.constantFrom('not-found', 'none'))));
  return fc
    .tuple(...values)
    .map((texts) => names.reduce((url, name, at) => url.replace(`{${name}}`, encode(String(texts[at]))), path));
}

function wrongPaths({ path, parameters }: Operation): Arbitrary<string>[] {
  return parameters
    .filter((parameter) => parameter.in === 'path')
    .map(({ name }) =>
      fc
        .oneof(fc.uuid({ version: 4 }), fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), fc.constant('x'.repeat(300)))
        .filter((text) => !/^\.{1,2}$/.test(text))
        .map((text) => path.replace(`{${name}}`, encode(text))),
    );
}

/** Where a body can be JSON or the bytes of a source, the query belongs to the bytes: JSON says all in itself. */
function takesQuery({ requestBody }: Operation, { headers = {} }: Part): boolean {
  const types = Object.keys(requestBody?.content ?? {});
  return (
    types.length < 2 ||
    !types.includes('application/json') ||
    !/^application\/json|^multipart/.test(headers['content-type'] ?? '')
  );
}

function queryOf(api: ApiDescription, { parameters }: Operation, meanings: Meanings): Arbitrary<Part> {
  const each = parameters
    .filter((parameter) => parameter.in === 'query')
    .map((parameter) => fc.option(validOf(api, namedSchema(parameter), meanings).map((value) => queryTexts(parameter, value))));
  return fc.tuple(...each).map((found) => ({ query: found.flatMap((texts) => texts ?? []) }));
}

function schemaOf({ schema, content }: Parameter): JsonSchema {
  return schema ?? content?.['application/json']?.schema ?? {};
}

/** A parameter is generated like a member of its name. */
function namedSchema(parameter: Parameter): JsonSchema {
  return { type: 'object', required: [parameter.name], properties: { [parameter.name]: schemaOf(parameter) } };
}

function queryTexts({ name, content }: Parameter, wrapped: unknown): [string, string][] {
  const value: unknown = Reflect.get(Object(wrapped), name);
  if (name === 'labels') return Object.entries(Object(value)).map(([label, text]) => [label, String(text)]);
  return [[name, content === undefined && typeof value !== 'object' ? String(value) : JSON.stringify(value)]];
}

function headersOf(api: ApiDescription, { parameters }: Operation, meanings: Meanings): Arbitrary<Part> {
  const each = parameters
    .filter((parameter) => parameter.in === 'header')
    .map((parameter) =>
      fc.option(
        validOf(api, namedSchema(parameter), meanings).map((value) => [
          parameter.name,
          String(Reflect.get(Object(value), parameter.name)),
        ]),
      ),
    );
  const types = fc.option(fc.constantFrom('*/*', 'application/*;q=0.5, */*;q=0.1'));
  return fc.tuple(types, ...each).map(([accept, ...found]) => ({
    headers: { ...(accept === null ? {} : { accept }), ...Object.fromEntries(found.filter((entry) => entry !== null)) },
  }));
}

function wrongKeys({ parameters }: Operation): Arbitrary<Part>[] {
  if (!parameters.some(({ name }) => name === 'idempotency-key')) return [];
  return [fc.constantFrom('', '"', 'x'.repeat(256), '"a', 'é', '""').map((key) => ({ headers: { 'idempotency-key': key } }))];
}

/** What a text in a query may mean: it is wrong only where none of that fits. */
function meaningsOf(text: string): unknown[] {
  const all: unknown[] = [text, text.split(',').map((each) => each.trim())];
  if (text.trim() !== '' && Number.isFinite(Number(text))) all.push(Number(text));
  try {
    all.push(JSON.parse(text));
  } catch {
    // Then it is text.
  }
  return all;
}

interface WrongQuery {
  readonly expects: ApiRequest['expects'];
  readonly part: Part;
  readonly body: Part;
}

function wrongQueries(
  api: ApiDescription,
  operation: Operation,
  meanings: Meanings,
  bodies: Arbitrary<Part>,
): Arbitrary<WrongQuery>[] {
  const wrong = operation.parameters
    .filter((parameter) => parameter.in === 'query' && parameter.name !== 'labels' && isRestricted(schemaOf(parameter)))
    .map((parameter) => {
      const schema = schemaOf(parameter);
      const fits = api.accepts(schema);
      return fc.tuple(bodies, invalidOf(api, schema, meanings)).map(([body, value]): WrongQuery => {
        const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\p{Surrogate}/gu, '_').slice(0, 3_000);
        const mayFit = takesQuery(operation, body) && meaningsOf(text).some(fits);
        return { expects: mayFit ? 'either' : 'refused', part: { query: [[parameter.name, text]] }, body };
      });
    });
  return wrong.length === 0 ? [] : [fc.oneof(...wrong)];
}

/** Whether a text can be wrong for a schema. */
function isRestricted({ type, maxLength, pattern, format, enum: values }: JsonSchema): boolean {
  return (
    (type !== undefined && type !== 'string') ||
    [maxLength, pattern, values].some((each) => each !== undefined) ||
    format === 'moment'
  );
}

function validBodies(api: ApiDescription, { requestBody }: Operation, meanings: Meanings): Arbitrary<Part> {
  if (requestBody === undefined) return fc.constant({});
  const kinds = Object.entries(requestBody.content).map(([type, { schema }]) => {
    if (type === 'application/json')
      return validOf(api, schema, meanings).map((value) => ({ headers: { 'content-type': type }, body: JSON.stringify(value) }));
    if (type === 'multipart/form-data') return validOf(api, schema, meanings).map(formOf);
    const texts = Object.hasOwn(requestBody.content, 'application/json') ? [onePixelPng.toString('base64')] : [];
    return fc.constantFrom(onePixelPng, ...texts).map((body) => ({ headers: { 'content-type': type }, body }));
  });
  const [first, form, ...raw] = kinds;
  const some = [first, form, raw.length === 0 ? undefined : fc.oneof(...raw)].filter((kind) => kind !== undefined);
  return fc.oneof(...some, ...(requestBody.required ? [] : [fc.constant({})]));
}

function formOf(value: unknown): Part {
  const parts = Object.entries(Object(value)).map(([name, part]) =>
    name === 'file'
      ? Buffer.concat([
          Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'),
          onePixelPng,
          Buffer.from('\r\n'),
        ])
      : Buffer.from(`--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${JSON.stringify(part)}\r\n`),
  );
  return {
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: Buffer.concat([...parts, Buffer.from('--b--\r\n')]),
  };
}

function wrongBodies(api: ApiDescription, { requestBody }: Operation, meanings: Meanings): Arbitrary<Part>[] {
  if (requestBody === undefined) return [];
  const { 'application/json': document, 'multipart/form-data': form } = requestBody.content;
  const wrong: Arbitrary<Part>[] = [];
  if (document !== undefined) {
    const headers = { 'content-type': 'application/json' };
    wrong.push(
      invalidOf(api, document.schema, meanings).map((value) => ({ headers, body: JSON.stringify(value) })),
      fc
        .tuple(validOf(api, document.schema, meanings), fc.constantFrom('cut', 'comma', 'twice', 'mark', 'half'))
        .map(([value, how]) => ({ headers, body: notJson(JSON.stringify(value), how) })),
    );
    if (requestBody.required)
      wrong.push(
        fc.constant({ headers }),
        fc.constantFrom('text/html', 'application/xml', 'application/x-www-form-urlencoded', '', 'a').map((type) => ({
          headers: type === '' ? {} : { 'content-type': type },
          // Where text is taken, only what is no text is of no known kind.
          body: Object.hasOwn(requestBody.content, 'text/plain') ? Buffer.of(0, 1, 2, 3) : '<a>{"no":"such kind"}</a>',
        })),
      );
  }
  if (form !== undefined) {
    const noFile = { type: 'object', properties: { file: { const: 'BYTES' }, request: { type: 'object' } } };
    wrong.push(
      invalidOf(api, form.schema, meanings)
        .filter(
          (value) =>
            typeof value === 'object' && value !== null && !Array.isArray(value) && !api.accepts(noFile)(value) === false,
        )
        .map((value) => formOf(Object.fromEntries(Object.entries(Object(value)).filter(([name]) => name === 'request')))),
      fc.constantFrom('', '--', '--b', '--b\r\n\r\n\r\n--b--').map((body) => ({
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
        body,
      })),
      fc.constant({ headers: { 'content-type': 'multipart/form-data' }, body: '--b--' }),
    );
  }
  return wrong;
}

function notJson(text: string, how: string): string {
  switch (how) {
    case 'cut':
      return text.slice(0, -1);
    case 'comma':
      return text.replace(/}$/, ',}');
    case 'twice':
      return `${text}${text}`;
    case 'mark':
      return `\ufeff${text}`;
    default:
      return text.replace(/}$/, `${text === '{}' ? '' : ','}"\\ud800":1}`);
  }
}
