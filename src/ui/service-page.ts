import type { ComponentType } from 'preact';
import type { JobView } from '../client/client.ts';

/** What the page of a service gets to show the result of a job. */
export interface ResultProps<Result> {
  readonly job: JobView;
  /** As the contract of the service describes it. */
  readonly result: Result;
}

/** What a service brings to the web page, from its `page.tsx`. */
export interface ServicePage<Result> {
  readonly Result: ComponentType<ResultProps<Result>>;
}

/** The address of a stored file; browsers show it in pictures and save it by links. */
export function fileUrl(id: string): string {
  return `/v1/files/${encodeURIComponent(id)}`;
}
