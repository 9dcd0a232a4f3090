import { Beer } from 'lucide';
import type { JSX } from 'preact';
import { useLocation } from 'preact-iso';
import { CodeBlock } from '../../ui/code-block.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Notice } from '../../ui/notice.tsx';
import { isFiltered } from '../filters/filter.ts';
import { addressOf, filterOf, pageOf } from '../taps/beer-filter.ts';
import { BeerFilterBar } from '../taps/beer-filter-bar.tsx';
import { beersConnection, useBeersConnection } from '../taps/beers-live.ts';
import { BeersPanel } from '../taps/beers-panel.tsx';
import { PoursPanel } from '../taps/pours-panel.tsx';
import { StreamPanel } from '../taps/stream-panel.tsx';
import { TapsPanel } from '../taps/taps-panel.tsx';
import { useBeerPage } from '../taps/use-beer-page.ts';
import { useStream } from '../taps/use-stream.ts';
import { useTaps } from '../taps/use-taps.ts';
import './taps.css';
import { useTitle } from '../use-title.ts';

/** What taps pour, as it happens, and all that they have poured. */
export function Taps(): JSX.Element {
  useTitle('Taps');
  useBeersConnection();
  const { url } = useLocation();
  const parameters = new URL(url, location.origin).searchParams;
  const filter = filterOf(parameters);
  const number = pageOf(parameters);
  const { taps } = useTaps();
  const beers = useBeerPage(filter, number);
  const heard = useStream(filter);
  const isOld = beersConnection.value === 'lost';
  const isEmpty = !isFiltered(filter) && number === 1 && beers.total === 0;

  return (
    <div class="taps">
      <h1>Taps</h1>
      {isOld && (
        <Notice kind="warn" title="The server does not answer">
          <span>
            The page connects again by itself, and tells what was poured meanwhile. What you see is what was last known.
          </span>
        </Notice>
      )}
      {isEmpty ? (
        <NoBeers isConnected={taps?.some(({ sockets }) => sockets > 0) === true} />
      ) : (
        <>
          <BeerFilterBar filter={filter} taps={taps ?? []} />
          <div class={`taps-parts${isOld ? ' taps-old' : ''}`}>
            <PoursPanel filter={filter} />
            <TapsPanel taps={taps} filter={filter} />
            <StreamPanel key={addressOf(filter)} heard={heard} />
            <BeersPanel filter={filter} number={number} beers={beers} />
          </div>
        </>
      )}
    </div>
  );
}

function NoBeers({ isConnected }: { isConnected: boolean }): JSX.Element {
  const command = `npx coatcheck tap --id 1 --server ${location.origin}`;
  return (
    <Empty icon={Beer} title={isConnected ? 'No beers yet, but a tap is connected' : 'No beers yet'}>
      <p>Start a tap, and watch here what it pours. Each one needs a number of its own.</p>
      <div class="taps-command">
        <CodeBlock label="Command that starts a tap" text={command} />
      </div>
    </Empty>
  );
}
