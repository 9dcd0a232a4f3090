import { Ajv2020 } from 'ajv/dist/2020.js';

interface Document {
  readonly operations: { readonly tell: { readonly messages: readonly { readonly $ref: string }[] } };
  readonly components: { readonly messages: Readonly<Record<string, { readonly payload: object }>> };
}

/** From the text of `/asyncapi.json`: tells which messages of the server are none that it describes. */
export function liveFaultsOf(text: string): (messages: readonly unknown[]) => string[] {
  const { operations, components }: Document = JSON.parse(text);
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true, uuid: true } });
  const payloads = operations.tell.messages.map(
    ({ $ref }) => components.messages[$ref.split('/').at(-1) ?? '']?.payload ?? false,
  );
  const fits = ajv.compile({ anyOf: payloads });
  return (messages) => messages.filter((message) => !fits(message)).map((message) => JSON.stringify(message));
}
