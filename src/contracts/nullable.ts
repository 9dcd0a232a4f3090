import { type TNull, type TSchema, type TUnion, Type } from 'typebox';

/** A value of this shape, or null where there is none. */
export function nullable<T extends TSchema>(schema: T): TUnion<[T, TNull]> {
  return Type.Union([schema, Type.Null()]);
}
