import { ServiceError } from '../../core/errors.ts';
import { hasCode } from '../../core/has-code.ts';

/** What the operating system says where the disk or the folder is at fault, and not the one file. */
const unavailable = ['EIO', 'EROFS', 'EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'ESTALE', 'ENODEV', 'ENXIO', 'EMFILE', 'ENFILE'];

/** What the caller hears of an error of the disk; any other error as it is. */
export function storageError(error: unknown): unknown {
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return new ServiceError('insufficient-storage', 'There is no room left to store the file.', { cause: error });
  }
  if (!hasCode(error, ...unavailable)) return error;
  return new ServiceError('service-unavailable', 'The folder that files are stored in cannot be read and written.', {
    cause: error,
    retryAfterSeconds: 5,
  });
}
