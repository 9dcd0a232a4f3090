import { ServiceError } from '../../core/errors.ts';

/** What Node calls failures that another try does not mend: those of TLS, answers that are no HTTP, bytes that are not compressed as they say. */
const lasting =
  /^EPROTO$|CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_|DEPTH_ZERO|HOSTNAME_MISMATCH|^HPE_|^Z_(?!BUF)|^ERR__ERROR_|BROTLI|ZSTD|ZLIB/;

/** An error of the network, of TLS, of the parser or of a decoder as `source-fetch-failed`, in words for whoever gave the link. */
export function fetchFailure(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'HPE_HEADER_OVERFLOW')
    return new ServiceError('source-timeout', 'The headers of the answer came to no end.', { cause: error });
  return new ServiceError('source-fetch-failed', sentence(code), { cause: error, retryable: !lasting.test(code) });
}

function sentence(code: string): string {
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return 'The host of the link is not known.';
  if (code === 'ECONNREFUSED') return 'The server of the link refuses connections.';
  if (code.startsWith('HPE_')) return 'The server of the link does not speak proper HTTP.';
  if (/^Z_|^ERR__ERROR_|BROTLI|ZLIB|ZSTD/.test(code)) return 'The server of the link sent bytes that cannot be decompressed.';
  if (lasting.test(code))
    return `The server of the link does not speak TLS as it must, or has no certificate that can be trusted (${code}).`;
  return 'The connection to the server of the link was lost or did not come about.';
}
