import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { ServiceView } from '../../client/client.ts';
import type { Chosen } from './chosen.ts';
import { familiesOf, listOf, nameOfType } from './files/kinds.ts';
import { unfitReason } from './refusals.ts';
import './service-cards.css';

interface ServiceCardsProps {
  readonly services: readonly ServiceView[];
  readonly wanted: ServiceView | null;
  /** What they would have to take. */
  readonly entries: readonly Chosen[];
  onWant(name: string): void;
}

/** What can be done with the files: one of the installed services. */
export function ServiceCards({ services, wanted, entries, onWant }: ServiceCardsProps): JSX.Element {
  const group = useId();
  return (
    <fieldset class="service-cards">
      <legend class="unseen">What shall be done</legend>
      {services.map((service) => {
        const { name, title, summary, accepts, produces } = service;
        const reason = unfitReason(service, entries);
        const id = `${group}-${name}`;
        return (
          <label key={name} class="service-card" for={id}>
            <input
              id={id}
              type="radio"
              name={group}
              aria-labelledby={`${id}-title`}
              aria-describedby={`${id}-text`}
              checked={service === wanted}
              disabled={reason !== null}
              onChange={() => onWant(name)}
            />
            <span class="service-card-title" id={`${id}-title`}>
              {title}
            </span>
            <span class="service-card-text" id={`${id}-text`}>
              <span>{summary}</span>
              {reason === null ? (
                <span class="service-card-kinds">
                  <span title={listOf(accepts.map(nameOfType))}>
                    Takes {accepts.length === 0 ? 'nothing' : familiesOf(accepts)}.
                  </span>{' '}
                  <span>Gives {listOf(['JSON', ...new Set(produces.map(nameOfType))])}.</span>
                </span>
              ) : (
                <span class="service-card-reason">{reason}</span>
              )}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

/** Keeps the room of the cards until they are known. */
export function ServiceCardsToCome(): JSX.Element {
  return (
    <div class="service-cards" aria-hidden="true">
      <div class="service-card service-card-to-come" />
      <div class="service-card service-card-to-come" />
    </div>
  );
}
