import { type TSchema, Type } from 'typebox';

/** A file that a service made, as its result names it. `output`: which of the outputs that were asked for it is. */
export function resultFile<Output extends TSchema>(output: Output) {
  return Type.Object({
    output,
    mediaType: Type.String(),
    bytes: Type.Integer(),
    file: Type.String({ format: 'uuid', description: 'Id of the file: `GET /v1/files/{id}` gives it.' }),
  });
}
