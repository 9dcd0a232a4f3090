import type { JobView } from '../../client/client.ts';

/** What people call the job: its file, its link, else its service. */
export function jobName({ source, service }: JobView): string {
  return source?.name ?? source?.url ?? `Job of ${service}`;
}
