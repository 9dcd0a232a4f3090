import type { JSX } from 'preact';
import type { WorkerView } from '../../client/client.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';
import { Ago, Elapsed } from '../../ui/moment.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import './worker-panel.css';

interface WorkerPanelProps {
  readonly worker: WorkerView;
  /** Of the services, by their names. */
  readonly titles: Readonly<Record<string, string>>;
}

type Executor = WorkerView['executors'][number];

/** One process that runs jobs, and what each of its executors does now. */
export function WorkerPanel({ worker, titles }: WorkerPanelProps): JSX.Element {
  const { name, host, pid, startedAt, executors } = worker;
  const isOpen = executors.some(({ sandbox }) => sandbox === 'none');
  return (
    <Panel title={`Worker on ${host}`} bare>
      <p class="worker-panel-about">
        <span>
          <code>{name}</code>, process {pid}
        </span>
        <span>
          Started <Ago at={startedAt} />
        </span>
      </p>
      {isOpen && (
        <div class="worker-panel-warning">
          <Notice kind="warn" title="Executors run without a sandbox">
            <span>
              A harmful file could reach the network and other files of this machine. Install <code>bwrap</code>, then start the
              server again; <code>coatcheck doctor</code> says what is missing.
            </span>
          </Notice>
        </div>
      )}
      <div class="worker-panel-scroll">
        <table class="worker-panel-table">
          <caption class="unseen">What each executor does</caption>
          <thead>
            <tr>
              <th scope="col">Executor</th>
              <th scope="col">Works on</th>
              <th scope="col">For</th>
              <th scope="col">Memory</th>
              <th scope="col">Tasks</th>
              <th scope="col">Restarts</th>
              <th scope="col">Sandbox</th>
            </tr>
          </thead>
          <tbody>
            {executors.map((executor) => (
              <ExecutorRow key={executor.executor} executor={executor} titles={titles} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function ExecutorRow({ executor, titles }: { executor: Executor; titles: WorkerPanelProps['titles'] }): JSX.Element {
  const { job, service, since, residentBytes, tasks, restarts, sandbox } = executor;
  return (
    <tr>
      <td data-name="Executor">{executor.executor}</td>
      <td data-name="Works on">
        {job === null ? (
          <span class="worker-panel-quiet">Nothing</span>
        ) : (
          <a href={`/jobs/${job}`}>{service === null ? 'A job' : (titles[service] ?? service)}</a>
        )}
      </td>
      <td data-name="For">{since === null ? '–' : <Elapsed from={since} to={null} />}</td>
      <td data-name="Memory">{residentBytes === null ? '–' : formatBytes(residentBytes)}</td>
      <td data-name="Tasks">{formatCount(tasks)}</td>
      <td data-name="Restarts">{formatCount(restarts)}</td>
      <td data-name="Sandbox" class={sandbox === 'none' ? 'worker-panel-open' : undefined}>
        {sandbox}
      </td>
    </tr>
  );
}
