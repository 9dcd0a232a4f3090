import { type Client, createClient, type RetryPolicy } from '../client/client.ts';
import { UsageError } from './usage-error.ts';

export const defaultServer = 'http://127.0.0.1:8080';

/** The server that is named, else that of the environment. */
export function serverOf(flag: unknown, env: NodeJS.ProcessEnv): string {
  return (typeof flag === 'string' ? flag : env.COATCHECK_SERVER || defaultServer).replace(/\/+$/, '');
}

/** Throws `UsageError` where the server is no address. */
export function openClient(server: string, retry: Partial<RetryPolicy> = {}): Client {
  try {
    return createClient({ baseUrl: server, retry });
  } catch {
    throw new UsageError(`The server "${server}" is no address such as ${defaultServer}.`);
  }
}
