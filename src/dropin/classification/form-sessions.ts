import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What a form is sent out with: a token in it, and the cookie of the browser that it is for. */
export interface FormSession {
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Binds forms to the browsers that asked for them. A form of before a restart is refused, and comes again with a new token. */
export interface FormSessions {
  /** For the browser of a request, which keeps the cookie that it has. */
  of(headers: IncomingHttpHeaders): FormSession;
  /** Whether the form was made for the browser that sends it. */
  holds(headers: IncomingHttpHeaders, token: string | undefined): boolean;
}

const cookieName = 'coatcheck-classifications';
const cookiePattern = new RegExp(`(?:^|;)\\s*${cookieName}=([A-Za-z0-9_-]{43})(?=;|$)`);

export function createFormSessions(): FormSessions {
  const key = randomBytes(32);
  const tokenOf = (session: string) => createHmac('sha256', key).update(session).digest('base64url');
  return {
    of(headers) {
      const session = sessionOf(headers) ?? randomBytes(32).toString('base64url');
      const cookie = `${cookieName}=${session}; Path=/classifications; HttpOnly; SameSite=Lax`;
      return { token: tokenOf(session), headers: { 'set-cookie': cookie } };
    },
    holds(headers, token) {
      const session = sessionOf(headers);
      if (session === null || token === undefined) return false;
      const [ours, theirs] = [Buffer.from(tokenOf(session)), Buffer.from(token)];
      return ours.length === theirs.length && timingSafeEqual(ours, theirs);
    },
  };
}

function sessionOf({ cookie = '' }: IncomingHttpHeaders): string | null {
  return cookiePattern.exec(cookie)?.[1] ?? null;
}
