import { FileText, Image } from 'lucide';
import type { JSX } from 'preact';
import type { ServiceView } from '../../client/client.ts';
import { Button } from '../../ui/button.tsx';
import { toast } from '../../ui/toasts.tsx';
import { chosenOf } from './chosen.ts';
import { handIn } from './handed.ts';
import './samples.css';
import { optionsOf } from './wanted.ts';

/** Files that come with the services: one click, and there is a result to look at. */
export function Samples({ services }: { services: readonly ServiceView[] }): JSX.Element {
  return (
    <section class="samples" aria-label="Samples">
      <h2>No file at hand? Try one of these</h2>
      {services.map((service) => (
        <div key={service.name} class="samples-of">
          <h3>{service.title}</h3>
          <div class="samples-files">
            {service.samples.map((sample) => (
              <Button
                key={sample.name}
                icon={sample.mediaType.startsWith('image/') ? Image : FileText}
                onClick={() => void take(service, sample)}
              >
                {sample.title}
              </Button>
            ))}
          </div>
        </div>
      ))}
    </section>
  );
}

async function take(service: ServiceView, { link, name, mediaType }: ServiceView['samples'][number]): Promise<void> {
  try {
    const response = await fetch(link);
    if (!response.ok) throw new Error(`status ${response.status}`);
    const file = new File([await response.blob()], name, { type: mediaType });
    handIn([chosenOf({ kind: 'file', file })], service.name, optionsOf(service));
  } catch (error) {
    toast({ kind: 'bad', text: 'The sample could not be fetched. Is the server still there?' });
    console.error(error);
  }
}
