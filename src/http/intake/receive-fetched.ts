import { ServiceError } from '../../core/errors.ts';
import type { ReceiveFetched } from '../../engine/received.ts';
import type { FetchedSource } from '../../ports/source-fetcher.ts';
import { cleanFileName } from './file-name.ts';
import { fileNameOf, parseParameterHeader } from './header-parameters.ts';
import { receiveSource } from './receive-source.ts';

/** Stores what a link gives in the way of an upload: hashed, sniffed and measured, refused where the service does not take it. */
export const receiveFetched: ReceiveFetched = async (storage, fetched, service) => {
  try {
    return await receiveSource(storage, fetched.bytes, { service, name: declaredName(fetched) });
  } catch (error) {
    const isPage = fetched.mediaType === 'text/html' || fetched.mediaType === 'application/xhtml+xml';
    if (!isPage || !(error instanceof ServiceError && error.code === 'unsupported-media-type')) throw error;
    // A page that says "sign in" or "not found" with status 200: not the file that was linked to.
    const detail = `The link gives a web page, not a file that ${service.name} takes. Link to the file itself.`;
    throw new ServiceError('source-fetch-failed', detail, { cause: error, retryable: false });
  }
};

/** The name that the server declares, else the last part of the path; none rather than one that an upload could not have. */
function declaredName({ disposition, pathName }: FetchedSource): string | null {
  const header = disposition === null ? null : parseParameterHeader(Buffer.from(disposition, 'latin1').toString('utf8'));
  for (const name of [header === null ? null : fileNameOf(header), pathName]) {
    try {
      const cleaned = cleanFileName(name);
      if (cleaned !== null) return cleaned;
    } catch {
      // Nobody who could mend it hears of it.
    }
  }
  return null;
}
