import type { JSX } from 'preact';
import type { Client, JobView } from '../client/client.ts';

/** What the page of a service gets to show the result of a job. */
export interface ResultProps<Result> {
  readonly job: JobView;
  /** As the contract of the service describes it. Of a failed job it may hold a part only. */
  readonly result: Result;
  /** For further work on the same source. */
  readonly client: Client;
  /** Leads to the page of another job. */
  open(job: string): void;
}

/** What a service brings to the web page, from its `page.tsx`. */
export interface ServicePage<Result> {
  Result(props: ResultProps<Result>): JSX.Element;
}

/** The address of a stored file; browsers show it in pictures and save it by links. */
export function fileUrl(id: string): string {
  return `/v1/files/${encodeURIComponent(id)}`;
}
