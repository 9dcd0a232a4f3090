import type { JSX } from 'preact';
import { useLocation } from 'preact-iso';
import { FilterBar } from '../jobs/filter-bar.tsx';
import { filterOf } from '../jobs/job-filter.ts';
import { JobsList } from '../jobs/jobs-list.tsx';
import './jobs.css';
import { useTitle } from '../use-title.ts';

/** All jobs: found by filters, watched live, and canceled, tried again or deleted together. */
export function Jobs(): JSX.Element {
  useTitle('Jobs');
  const { url } = useLocation();
  const parameters = new URL(url, location.origin).searchParams;
  const filter = filterOf(parameters);
  return (
    <div class="jobs">
      <h1>Jobs</h1>
      <FilterBar filter={filter} />
      <JobsList filter={filter} cursor={parameters.get('cursor') ?? undefined} />
    </div>
  );
}
