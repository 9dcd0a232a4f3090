import { ServiceError } from '../../core/errors.ts';

/** One kind of picture, by the rules for names of media types, and no longer than a label may be. */
const picture = /^image\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/;

/** The media type that a client declares, without parameters; throws what Thumbnailify said where that is no picture. */
export function readDeclaredType(header: string | undefined): string {
  const wrong = wrongType(header);
  if (wrong !== null) throw wrong;
  return nameOf(header);
}

/** What is wrong with a Content-Type; null where it declares a picture. */
export function wrongType(header: string | undefined): ServiceError | null {
  if (nameOf(header) === '') return new ServiceError('bad-request', 'Missing header Content-Type');
  if (picture.test(nameOf(header))) return null;
  return new ServiceError('unsupported-media-type', "Only support Content-Type ['image']");
}

function nameOf(header: string | undefined): string {
  return header?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
