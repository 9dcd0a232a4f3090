import { Compass } from 'lucide';
import type { JSX } from 'preact';
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso';
import { Empty } from '../ui/empty.tsx';
import { HandIn } from './pages/hand-in.tsx';
import { Shell } from './shell.tsx';
import { useTitle } from './use-title.ts';

// What the first visit does not need comes when it is asked for.
const Jobs = lazy(async () => (await import('./pages/jobs.tsx')).Jobs);
const Job = lazy(async () => (await import('./pages/job.tsx')).Job);
const Taps = lazy(async () => (await import('./pages/taps.tsx')).Taps);
const Operations = lazy(async () => (await import('./pages/operations.tsx')).Operations);

export function App(): JSX.Element {
  return (
    <LocationProvider scope={/^\/(?:jobs(?:\/.*)?|taps|operations)?(?:\?.*)?$/}>
      <Shell>
        <ErrorBoundary onError={(error) => console.error(error)}>
          <Router>
            <Route path="/" component={HandIn} />
            <Route path="/jobs" component={Jobs} />
            <Route path="/jobs/:id" component={Job} />
            <Route path="/taps" component={Taps} />
            <Route path="/operations" component={Operations} />
            <Route default component={Nowhere} />
          </Router>
        </ErrorBoundary>
      </Shell>
    </LocationProvider>
  );
}

function Nowhere(): JSX.Element {
  useTitle('Nothing here');
  return (
    <>
      <h1 class="unseen">Nothing here</h1>
      <Empty icon={Compass} title="There is nothing at this address">
        <p>It may be mistyped or cut off.</p>
        <a href="/">Hand in a file</a>
        <a href="/jobs">All jobs</a>
      </Empty>
    </>
  );
}
