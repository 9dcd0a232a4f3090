import type { DropIn, DropInAnswer } from '../http/drop-in.ts';
import type { Sample, Service } from '../ports/service.ts';
import type { DropInParts } from './drop-in-parts.ts';
import { jsonBody } from './json-body.ts';

const serviceName = 'classifications';

/** The image classification app of the ISDe course: what there is to choose from, a form, and a page that waits for the scores. */
export function classification({ engine }: DropInParts): DropIn {
  const images = imagesFor(engine.services);
  const models = (engine.services.get(serviceName)?.models ?? []).map(({ id }) => id);
  return {
    routes: [
      {
        method: 'GET',
        path: '/info',
        handle: async (): Promise<DropInAnswer> => ({ status: 200, ...jsonBody({ models, images: [...images.keys()] }) }),
      },
    ],
    errorAnswer: (error) => jsonBody({ error: error.message }),
  };
}

/** The samples of all services that are pictures, by name: of two with one name that of the earlier service. */
function imagesFor(services: ReadonlyMap<string, Service>): ReadonlyMap<string, Sample> {
  const own = services.get(serviceName);
  const others = [...services.values()].filter((service) => service !== own);
  const samples = [own, ...others].flatMap((service) => service?.samples ?? []);
  const pictures = samples.filter(({ mediaType }) => own?.accepts.includes(mediaType) === true);
  return new Map(pictures.toReversed().map((sample) => [sample.name, sample]));
}
