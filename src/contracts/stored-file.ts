import { type Static, Type } from 'typebox';
import { nullable } from './nullable.ts';

/** What `POST /v1/files` answers: a file that jobs can name as `{"file": id}`. */
export const StoredFileView = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: nullable(Type.String()),
  mediaType: Type.String({ description: 'As found from the bytes.' }),
  bytes: Type.Integer(),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  picture: nullable(Type.Object({ width: Type.Integer(), height: Type.Integer(), frames: Type.Integer() })),
  createdAt: Type.String({ format: 'date-time' }),
  expiresAt: Type.String({ format: 'date-time' }),
  links: Type.Object({ self: Type.String() }),
});

export type StoredFileView = Static<typeof StoredFileView>;
