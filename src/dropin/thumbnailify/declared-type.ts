import { ServiceError } from '../../core/errors.ts';

/** One kind of picture, by the rules for names of media types, and no longer than a label may be. */
const picture = /^image\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/;

/** The media type that a client declares, without parameters; throws what Thumbnailify said where that is no picture. */
export function readDeclaredType(header: string | undefined): string {
  if (header === undefined || header.trim() === '') throw new ServiceError('bad-request', 'Missing header Content-Type');
  const mediaType = header.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (picture.test(mediaType)) return mediaType;
  throw new ServiceError('unsupported-media-type', "Only support Content-Type ['image']");
}
