import type { JSX } from 'preact';
import { Notice } from '../../ui/notice.tsx';
import { ActionProgress } from '../actions/action-progress.tsx';
import { connection } from '../live.ts';
import { QueuePanel } from '../operations/queue-panel.tsx';
import { StoragePanel } from '../operations/storage-panel.tsx';
import { useQueues } from '../operations/use-queues.ts';
import { VersionsPanel } from '../operations/versions-panel.tsx';
import { WorkerPanel } from '../operations/worker-panel.tsx';
import './operations.css';
import { pollingClient, usePolled } from '../use-polled.ts';
import { useTitle } from '../use-title.ts';

const workersMs = 2_000;
const storageMs = 10_000;
const versionsMs = 30_000;

/** For whoever keeps the server: how it goes, what does the work, and what can be done about it. */
export function Operations(): JSX.Element {
  useTitle('Operations');
  const { queues, samples, error, reload } = useQueues();
  const workers = usePolled((signal) => pollingClient.workers({ signal }), workersMs);
  const storage = usePolled((signal) => pollingClient.storage({ signal }), storageMs);
  const versions = usePolled(async (signal) => {
    const [health, services] = await Promise.all([pollingClient.health({ signal }), pollingClient.services({ signal })]);
    return { version: health.version, services };
  }, versionsMs);
  const services = versions.value?.services ?? [];
  const titles = Object.fromEntries(services.map(({ name, title }) => [name, title]));
  const isOld = error !== null || connection.value === 'lost';

  return (
    <div class="operations">
      <h1>Operations</h1>
      {isOld && (
        <Notice kind="warn" title="The server does not answer">
          <span>The page tries again every two seconds. What you see is what was last known.</span>
        </Notice>
      )}
      <ActionProgress />
      <div class={`operations-parts${isOld ? ' operations-old' : ''}`}>
        {queues === null && <div class="operations-wait" aria-hidden="true" />}
        {queues?.map((queue) => (
          <QueuePanel
            key={queue.service}
            title={titles[queue.service] ?? queue.service}
            queue={queue}
            samples={samples}
            onChange={reload}
          />
        ))}
        {workers.value?.map((worker) => (
          <WorkerPanel key={worker.name} worker={worker} titles={titles} />
        ))}
        <div class="operations-pair">
          {storage.value !== null && <StoragePanel storage={storage.value} />}
          {versions.value !== null && <VersionsPanel version={versions.value.version} services={services} />}
        </div>
      </div>
    </div>
  );
}
