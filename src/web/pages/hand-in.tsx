import { PackageOpen, Send } from 'lucide';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { ServiceView } from '../../client/client.ts';
import { Button } from '../../ui/button.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { Empty } from '../../ui/empty.tsx';
import { formatCount } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/notice.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { api } from '../api.ts';
import { announce, said } from '../hand-in/announce.ts';
import { clientCode, curlCommand } from '../hand-in/as-code.ts';
import { choose, chosen, unchoose } from '../hand-in/chosen.ts';
import { DropOverlay } from '../hand-in/drop-overlay.tsx';
import { DropZone } from '../hand-in/drop-zone.tsx';
import type { Source } from '../hand-in/files/found-sources.ts';
import { handed, handIn, hear, jobToShow, pageIsShown } from '../hand-in/handed.ts';
import { HandedList } from '../hand-in/handed-list.tsx';
import { LinkField } from '../hand-in/link-field.tsx';
import { fieldsOf } from '../hand-in/options/fields.ts';
import { OptionsForm } from '../hand-in/options/options-form.tsx';
import { refusalOf } from '../hand-in/refusals.ts';
import { Samples } from '../hand-in/samples.tsx';
import { ServiceCards, ServiceCardsToCome } from '../hand-in/service-cards.tsx';
import { Tray } from '../hand-in/tray.tsx';
import { useIncoming } from '../hand-in/use-incoming.ts';
import {
  allTypes,
  checkOptions,
  fieldErrors,
  forgetClick,
  optionsOf,
  resetValues,
  setValue,
  valuesOf,
  wantedService,
  wantService,
} from '../hand-in/wanted.ts';
import { usePageKeys } from '../keys.tsx';
import { connection, useLive } from '../live.ts';
import { useLoaded } from '../use-loaded.ts';
import { useTitle } from '../use-title.ts';
import './hand-in.css';

const none: readonly ServiceView[] = [];

export function HandIn(): JSX.Element {
  useTitle('Hand in');
  const { route } = useLocation();
  const { value, error, reload } = useLoaded((signal) => api.services({ signal }), []);
  const services = value ?? none;
  const picker = useRef<HTMLInputElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const button = useRef<HTMLDivElement>(null);
  const held = useIncoming(choose);
  useLive(hear);
  usePageKeys([
    { keys: 'u', what: 'Choose files', run: () => picker.current?.click() },
    { keys: 'Enter', what: 'Hand in what is chosen', run: () => form.current?.requestSubmit() },
  ]);

  const entries = chosen.value.filter((entry) => refusalOf(entry, services) === null);
  const wanted = wantedService(services, entries);
  const isEmpty = chosen.value.length === 0 && handed.value.length === 0;

  useEffect(() => {
    if (jobToShow.value === null) return;
    route(`/jobs/${jobToShow.value}`);
    jobToShow.value = null;
  }, [jobToShow.value]);
  useEffect(() => {
    pageIsShown(true);
    return () => pageIsShown(false);
  }, []);
  useEffect(() => {
    if (connection.value === 'live' && error !== null) reload();
  }, [connection.value]);

  function add(sources: readonly Source[]): void {
    choose(sources);
    // After the picker the next step is one press of Enter.
    requestAnimationFrame(() => button.current?.querySelector('button')?.focus({ preventScroll: true }));
  }

  function submit(event: Event): void {
    event.preventDefault();
    if (wanted === null || entries.length === 0) {
      announce('Choose a file first.');
    } else if (!checkOptions(wanted)) {
      announce('Some options are not right. They are marked in the form.');
    } else {
      unchoose(entries.map(({ id }) => id));
      handIn(entries, wanted.name, optionsOf(wanted));
      forgetClick(wanted.name);
    }
  }

  if (value?.length === 0) {
    return (
      <Empty icon={PackageOpen} title="No service is installed">
        <p>This server has nothing that it could do with a file. Whoever runs it can install services.</p>
      </Empty>
    );
  }
  return (
    <div class="hand-in">
      <h1>Hand in</h1>
      <p class="unseen" role="status" aria-live="polite">
        {said.value}
      </p>
      {error !== null && (
        <ErrorNotice error={error}>
          <Button onClick={reload}>Try again</Button>
        </ErrorNotice>
      )}
      <div class="hand-in-columns">
        <div class="hand-in-column">
          <DropZone
            types={allTypes(services)}
            small={!isEmpty}
            picker={picker}
            onFiles={(files) => add(files.map((file) => ({ kind: 'file', file })))}
          />
          <LinkField onLinks={(links) => choose(links.map((url) => ({ kind: 'link', url })))} />
          {chosen.value.length > 0 && <Tray entries={chosen.value} refusal={(entry) => refusalOf(entry, services)} />}
          <HandedList />
          {isEmpty && (
            <div class="hand-in-samples">
              {value !== null && <Samples services={services.filter(({ samples }) => samples.length > 0)} />}
            </div>
          )}
        </div>
        <form class="hand-in-column" ref={form} noValidate aria-label="What shall be done" onSubmit={submit}>
          {value === null ? (
            <ServiceCardsToCome />
          ) : (
            <ServiceCards services={services} wanted={wanted} entries={entries} onWant={wantService} />
          )}
          {wanted !== null && <Wanted service={wanted} source={entries[0]?.source ?? null} />}
          <div class="hand-in-go" ref={button}>
            <Button kind="main" type="submit" icon={Send} disabled={wanted === null || entries.length === 0}>
              {entries.length > 1 ? `Hand in ${formatCount(entries.length)} files` : 'Hand in'}
            </Button>
            <span class="hand-in-hint">{hintOf(value !== null, wanted, entries.length)}</span>
          </div>
        </form>
      </div>
      {held && <DropOverlay />}
    </div>
  );
}

function hintOf(known: boolean, wanted: ServiceView | null, count: number): string {
  if (!known) return '';
  if (wanted === null) return 'No service takes all of these. Remove some.';
  return count === 0 ? 'Choose a file first.' : '';
}

/** How the chosen service shall do it, and how a program would ask for the same. */
function Wanted({ service, source }: { service: ServiceView; source: Source | null }): JSX.Element {
  const fields = fieldsOf(service);
  const options = optionsOf(service);
  const wish = { origin: location.origin, service: service.name, options, source };
  return (
    <>
      {fields.length > 0 && (
        <section class="hand-in-options" key={service.name} aria-label={`Options of ${service.title}`}>
          <OptionsForm
            fields={fields}
            values={valuesOf(service)}
            errors={fieldErrors.value}
            changed={Object.keys(options).length > 0}
            onChange={(name, set) => setValue(service, name, set)}
            onReset={() => resetValues(service)}
          />
        </section>
      )}
      <details class="hand-in-code">
        <summary>The same from a program</summary>
        <Tabs
          label="Languages"
          tabs={[
            { name: 'curl', title: 'curl', render: () => <CodeBlock label="curl command" text={curlCommand(wish)} /> },
            { name: 'client', title: 'TypeScript', render: () => <CodeBlock label="TypeScript" text={clientCode(wish)} /> },
          ]}
        />
      </details>
    </>
  );
}
