import { SearchX, Trash2 } from 'lucide';
import type { JSX } from 'preact';
import { useLocation } from 'preact-iso';
import type { Beer } from '../../client/client.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { formatCount } from '../../ui/format.ts';
import { Ago } from '../../ui/moment.tsx';
import { ErrorNotice } from '../../ui/notice.tsx';
import { isFiltered } from '../filters/filter.ts';
import { addressOf, type BeerFilter } from './beer-filter.ts';
import { beerText, glassWords } from './beer-text.ts';
import './beers-panel.css';
import { deleteBeer, deletedBeers } from './delete-beer.ts';
import { newBeersMax, pageSize, type ShownBeers } from './use-beer-page.ts';

interface BeersPanelProps {
  readonly filter: BeerFilter;
  readonly number: number;
  readonly beers: ShownBeers;
}

/** The beers themselves, page by page. */
export function BeersPanel({ filter, number, beers }: BeersPanelProps): JSX.Element {
  const { page, error, isLoading, total, reload } = beers;
  if (error !== null) {
    return (
      <ErrorNotice error={error}>
        <Button onClick={reload}>Try again</Button>
        {(isFiltered(filter) || number > 1) && <a href="/taps">Show all beers</a>}
      </ErrorNotice>
    );
  }
  const rows = page?.items.filter(({ id }) => !deletedBeers.value.has(id)) ?? [];
  return (
    <section class="panel beers-panel" aria-label="Beers">
      <div class="panel-head">
        <h2>Beers</h2>
        <NewBeersButton beers={beers} />
        <span class="beers-panel-total">{total === null ? 'Newest first' : `${countText(total)}, newest first`}</span>
      </div>
      {page !== null && page.items.length === 0 ? (
        <Nothing filter={filter} number={number} />
      ) : (
        <table class={`beers-panel-table${isLoading && page !== null ? ' beers-panel-loading' : ''}`}>
          <caption class="unseen">Beers, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Tap</th>
              <th scope="col">Glass</th>
              <th scope="col" class="beers-panel-volume">
                Volume
              </th>
              <th scope="col">Poured</th>
              <th scope="col">
                <span class="unseen">Delete</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {page === null
              ? Array.from({ length: 8 }, (_, at) => <SkeletonRow key={at} />)
              : rows.map((beer) => (
                  <BeerRow key={beer.id} beer={beer} isGone={beers.gone.value.has(beer.id)} onDeleted={reload} />
                ))}
          </tbody>
        </table>
      )}
      {page !== null && page.items.length > 0 && rows.length === 0 && (
        <p class="beers-panel-none">Nothing is left on this page.</p>
      )}
      {page !== null && <Pages filter={filter} number={number} total={total ?? page.total} />}
    </section>
  );
}

function NewBeersButton({ beers }: { beers: ShownBeers }): JSX.Element {
  const count = beers.newBeers.value;
  const howMany = `${formatCount(count)}${count >= newBeersMax ? '+' : ''}`;
  return (
    <>{count > 0 && <Button onClick={beers.reload}>{count === 1 ? '1 new beer: show' : `${howMany} new beers: show`}</Button>}</>
  );
}

interface BeerRowProps {
  readonly beer: Beer;
  readonly isGone: boolean;
  onDeleted(): void;
}

function BeerRow({ beer, isGone, onDeleted }: BeerRowProps): JSX.Element {
  return (
    <tr class={isGone ? 'beers-panel-gone' : undefined} data-beer={beer.id}>
      <td class="beers-panel-tap">{beer.tapId}</td>
      <td>{isGone ? 'Deleted' : glassWords[beer.type]}</td>
      <td class="beers-panel-volume">{formatCount(beer.volume)} ml</td>
      <td class="beers-panel-when">
        <Ago at={beer.timestamp} />
      </td>
      <td class="beers-panel-delete">
        {!isGone && (
          <Button
            kind="quiet"
            icon={Trash2}
            label={`Delete the ${beerText(beer)}`}
            onClick={({ currentTarget }) => {
              neighbourOf(currentTarget)?.focus();
              deleteBeer(beer, onDeleted);
            }}
          />
        )}
      </td>
    </tr>
  );
}

/** Who deletes by keyboard goes on from where the row was. */
function neighbourOf(button: HTMLElement): HTMLElement | null {
  const row = button.closest('tr');
  return (row?.nextElementSibling ?? row?.previousElementSibling)?.querySelector('button') ?? null;
}

function SkeletonRow(): JSX.Element {
  return (
    <tr class="beers-panel-skeleton">
      <td colSpan={5}>
        <span />
      </td>
    </tr>
  );
}

function Nothing({ filter, number }: { filter: BeerFilter; number: number }): JSX.Element {
  const { route } = useLocation();
  if (number > 1) {
    return (
      <Empty icon={SearchX} title="This page is empty">
        <p>There are not that many beers.</p>
        <LinkButton href={addressOf(filter)}>Newest beers</LinkButton>
      </Empty>
    );
  }
  return (
    <Empty icon={SearchX} title={isFiltered(filter) ? 'No beer matches' : 'No beers'}>
      <p>Beers that have been deleted are not found either.</p>
      {isFiltered(filter) && <Button onClick={() => route('/taps')}>Clear filters</Button>}
    </Empty>
  );
}

function Pages({ filter, number, total }: { filter: BeerFilter; number: number; total: number }): JSX.Element | null {
  const last = Math.max(1, Math.ceil(total / pageSize));
  if (last === 1 && number === 1) return null;
  return (
    <nav class="beers-panel-pages" aria-label="Pages of the list">
      <span>
        Page {formatCount(number)} of {formatCount(Math.max(last, number))}
      </span>
      {number > 2 && <LinkButton href={addressOf(filter)}>Newest</LinkButton>}
      {number > 1 && <LinkButton href={addressOf(filter, number - 1)}>Newer</LinkButton>}
      {number < last && <LinkButton href={addressOf(filter, number + 1)}>Older</LinkButton>}
    </nav>
  );
}

function countText(total: number): string {
  return total === 1 ? '1 beer' : `${formatCount(total)} beers`;
}
