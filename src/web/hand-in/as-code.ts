import type { JsonObject } from '../../core/json.ts';
import type { Source } from './files/found-sources.ts';

/** What would be handed in by a program. */
export interface Wish {
  readonly origin: string;
  readonly service: string;
  readonly options: JsonObject;
  readonly source: Source | null;
}

const exampleName = 'scan.pdf';

/** The command that does the same, for a POSIX shell. */
export function curlCommand({ origin, service, options, source }: Wish): string {
  const asked = Object.keys(options).length === 0 ? {} : { options };
  if (source?.kind === 'link') {
    const body = JSON.stringify({ source: { url: source.url }, ...asked });
    return joined(['curl', `--header 'content-type: application/json'`, `--data ${quoted(body)}`, `${origin}/v1/${service}`]);
  }
  // In double quotes, no sign in the name means anything to curl.
  const file = `file=@"${nameOf(source).replace(/["\\]/g, '\\$&')}"`;
  const request = 'options' in asked ? [`--form-string ${quoted(`request=${JSON.stringify(asked)}`)}`] : [];
  return joined(['curl', ...request, `--form ${quoted(file)}`, `${origin}/v1/${service}`]);
}

/** The same with the client library, for Node. */
export function clientCode({ origin, service, options, source }: Wish): string {
  const isLink = source?.kind === 'link';
  const name = JSON.stringify(nameOf(source));
  const fields = [
    `service: ${JSON.stringify(service)},`,
    ...(source?.kind === 'link'
      ? [`source: { url: ${JSON.stringify(source.url)} },`]
      : [`source: await openAsBlob(${name}),`, `name: ${name},`]),
    ...(Object.keys(options).length === 0 ? [] : [`options: ${JSON.stringify(options)},`]),
  ];
  return [
    ...(isLink ? [] : [`import { openAsBlob } from 'node:fs';`]),
    `import { createClient } from 'coatcheck/client';`,
    '',
    `const client = createClient({ baseUrl: ${JSON.stringify(origin)} });`,
    'const { id } = await client.submit({',
    ...fields.map((field) => `  ${field}`),
    '});',
    'await client.wait(id);',
    'console.log(await client.result(id));',
  ].join('\n');
}

function nameOf(source: Source | null): string {
  return source?.kind === 'file' ? source.file.name : exampleName;
}

function joined(parts: readonly string[]): string {
  return parts.join(' \\\n  ');
}

/** One word of a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
