import type { JSX } from 'preact';
import type { ServiceView } from '../../client/client.ts';
import { Panel } from '../../ui/panel.tsx';
import './versions-panel.css';

interface VersionsPanelProps {
  readonly version: string;
  readonly services: readonly ServiceView[];
}

/** Which programs do the work. */
export function VersionsPanel({ version, services }: VersionsPanelProps): JSX.Element {
  return (
    <Panel title="Versions">
      <dl class="versions-panel">
        <dt>Coatcheck</dt>
        <dd>{version}</dd>
        {services.map((service) => (
          <ServiceVersions key={service.name} service={service} />
        ))}
      </dl>
    </Panel>
  );
}

function ServiceVersions({ service: { title, version, engine, languages } }: { service: ServiceView }): JSX.Element {
  return (
    <>
      <dt>{title}</dt>
      <dd>
        {version}
        {engine !== undefined && (
          <span class="versions-panel-more">
            Engine: {engine.name} {engine.version}
          </span>
        )}
        {languages !== undefined && <span class="versions-panel-more">Languages: {languages.join(', ') || 'none'}</span>}
      </dd>
    </>
  );
}
