/** Whether this program runs in a browser, where only `XMLHttpRequest` tells how much of a body is sent. */
export const hasXhr = typeof XMLHttpRequest !== 'undefined';

/**
 * Sends a request as `fetch` would and tells how much of its body is sent. Rejects with a `TypeError` where no answer comes, and
 * with the reason of the signal where that aborts.
 */
export function xhrFetch(url: string, init: RequestInit, onUpload: (sentBytes: number) => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { signal, body } = init;
    signal?.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = () => {
      request.abort();
      reject(signal?.reason);
    };
    const lost = () => reject(new TypeError('the connection was lost'));
    request.upload.onprogress = ({ loaded }) => onUpload(loaded);
    request.onload = () => resolve(answerOf(request));
    request.onerror = lost;
    request.onabort = lost;
    request.onloadend = () => signal?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort, { once: true });
    request.open(init.method ?? 'GET', url);
    request.responseType = 'arraybuffer';
    new Headers(init.headers).forEach((value, name) => {
      request.setRequestHeader(name, value);
    });
    request.send(body instanceof Blob ? body : null);
  });
}

const withoutBody = [204, 205, 304];

function answerOf(request: XMLHttpRequest): Response {
  const { status, statusText } = request;
  const lines = request.getAllResponseHeaders().split('\r\n');
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const bytes = request.response instanceof ArrayBuffer ? request.response : null;
  return new Response(withoutBody.includes(status) ? null : bytes, { status, statusText, headers });
}
