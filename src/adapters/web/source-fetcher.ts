import { type Clock, systemClock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import type { SourceRule } from '../../core/source-rules.ts';
import { checkSourceUrl, type SourceUrl } from '../../core/source-url.ts';
import type { FetchedSource, SourceFetcher } from '../../ports/source-fetcher.ts';
import { checkedAddresses } from './checked-addresses.ts';
import { fetchFailure } from './fetch-failure.ts';
import { type Lookup, lookupHost } from './lookup-host.ts';
import { openConnection } from './open-connection.ts';
import { codingOf, readBody, tooLarge } from './read-body.ts';
import { type OpenAnswer, sendRequest } from './send-request.ts';
import { type FetchTimes, TimeLimits } from './time-limits.ts';

const usualTimes: FetchTimes = {
  connectMs: 10_000,
  headersMs: 15_000,
  idleMs: 10_000,
  stretchMs: 10_000,
  stretchBytesMin: 10 * 1024,
  wholeMs: limits.fetchMs,
};

export interface SourceFetcherOptions {
  /** What may be fetched beyond the public internet. */
  readonly rules: readonly SourceRule[];
  /** Of this program, for the servers that are asked. */
  readonly version: string;
  readonly clock?: Clock;
  readonly lookup?: Lookup;
  readonly times?: Partial<FetchTimes>;
  /** Certificates (PEM) that are trusted instead of those of Node. */
  readonly ca?: string;
}

/**
 * Fetches over HTTP/1.1, one connection a request. A name is looked up once, every address of it is checked, and the connection
 * goes to an address that was checked; each redirect is checked like the link itself.
 */
export function createSourceFetcher(options: SourceFetcherOptions): SourceFetcher {
  const { rules, version, clock = systemClock, lookup = lookupHost, ca } = options;
  const times = { ...usualTimes, ...options.times };
  const userAgent = `Coatcheck/${version}`;

  async function ask(url: SourceUrl, fetching: TimeLimits): Promise<OpenAnswer> {
    const clearTimer = fetching.begin(times.connectMs, 'The host of the link was not found within its time');
    const addresses = await fetching.orStopped(checkedAddresses(url, rules, lookup, fetching.signal)).finally(clearTimer);
    const socket = await openConnection(url, addresses, fetching, { connectMs: times.connectMs, ca });
    return sendRequest(url, socket, fetching, { headersMs: times.headersMs, userAgent });
  }

  async function follow(first: SourceUrl, fetching: TimeLimits): Promise<{ url: SourceUrl; answer: OpenAnswer }> {
    let url = first;
    for (let redirects = 0; redirects <= limits.fetchRedirectsMax; redirects += 1) {
      const answer = await ask(url, fetching);
      const next = redirectOf(answer, url, rules);
      if (next === null) return { url, answer };
      answer.close();
      url = next;
    }
    throw new ServiceError('too-many-redirects', `The link redirects more than ${limits.fetchRedirectsMax} times.`);
  }

  return {
    check: (url) => checkSourceUrl(url, rules).href,
    async fetch(text, { bytesMax, signal }) {
      const fetching = new TimeLimits(clock, signal, times.wholeMs);
      try {
        const { url, answer } = await follow(checkSourceUrl(text, rules), fetching);
        return fetchedSource(url, answer, fetching, { times, bytesMax });
      } catch (error) {
        const reason = fetching.signal.aborted ? fetching.signal.reason : fetchFailure(error);
        fetching.end();
        throw reason;
      }
    },
  };
}

/** Where an answer sends us, checked; null where it is no redirect. */
function redirectOf({ response, close }: OpenAnswer, from: SourceUrl, rules: readonly SourceRule[]): SourceUrl | null {
  const { location } = response.headers;
  if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || location === undefined) return null;
  try {
    // Headers come as Latin-1; what is beyond ASCII is meant as UTF-8.
    const spelled = Buffer.from(location, 'latin1').toString('utf8');
    if (!URL.canParse(spelled, from.href))
      throw new ServiceError('source-fetch-failed', 'The link redirects to what is no address.', { retryable: false });
    const next = checkSourceUrl(new URL(spelled, from.href).href, rules);
    if (from.isSecure && !next.isSecure) throw new ServiceError('source-not-allowed', 'The link redirects from https to http.');
    return next;
  } catch (error) {
    close();
    if (!(error instanceof ServiceError) || error.code === 'source-fetch-failed') throw error;
    // Where exactly it leads is not for whoever gave the link.
    throw new ServiceError('source-not-allowed', 'The link redirects to a place that may not be fetched.', { cause: error });
  }
}

function fetchedSource(
  url: SourceUrl,
  answer: OpenAnswer,
  fetching: TimeLimits,
  { times, bytesMax }: { readonly times: FetchTimes; readonly bytesMax: number },
): FetchedSource {
  const { headers, statusCode = 0 } = answer.response;
  try {
    if (statusCode !== 200 && statusCode !== 203) throw badStatus(statusCode, headers['retry-after'], fetching.now());
    const coding = codingOf(headers['content-encoding']);
    const declared = headers['content-length'] === undefined ? null : Number(headers['content-length']);
    if (declared !== null && declared > bytesMax) throw tooLarge(bytesMax);
    return {
      bytes: readBody(answer, coding, fetching, { times, bytesMax }),
      totalBytes: coding === undefined ? declared : null,
      mediaType: headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? null,
      disposition: headers['content-disposition'] ?? null,
      pathName: pathName(url),
      close() {
        answer.close();
        fetching.end();
      },
    };
  } catch (error) {
    answer.close();
    throw error;
  }
}

function badStatus(status: number, retryAfter: string | undefined, now: number): ServiceError {
  const retryable = status === 408 || status === 425 || status === 429 || status >= 500;
  const seconds = retryable ? secondsOf(retryAfter, now) : null;
  return new ServiceError('source-fetch-failed', `The server of the link answered with status ${status}.`, {
    retryable,
    ...(seconds === null ? {} : { retryAfterSeconds: seconds }),
  });
}

/** Seconds or a date (RFC 9110), at most what a job waits for a server. */
function secondsOf(retryAfter: string | undefined, now: number): number | null {
  if (retryAfter === undefined) return null;
  const seconds = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - now) / 1000;
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 0), limits.fetchRetryAfterMsMax / 1000);
}

function pathName({ path }: SourceUrl): string | null {
  const last = path.split('?', 1)[0]?.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last) || null;
  } catch {
    // Broken escapes: better no name than a mangled one.
    return null;
  }
}
