import type { DropIn } from '../http/drop-in.ts';
import { pathId } from '../http/routes/path-id.ts';
import type { Sample, Service } from '../ports/service.ts';
import { errorPage } from './classification/error-page.ts';
import { createFormSessions } from './classification/form-sessions.ts';
import { selectPage } from './classification/select-page.ts';
import { staticFiles } from './classification/static-files.ts';
import { choiceSubmitter } from './classification/submit-choice.ts';
import { taskStatus } from './classification/task-status.ts';
import type { DropInParts } from './drop-in-parts.ts';
import { jsonBody } from './json-body.ts';

/**
 * The image classification app of the ISDe course: what there is to choose from, a form, and a page that waits for the scores. Null
 * where nothing is installed to classify with.
 */
export function classification({ engine, settings: { uploadBytesMax } }: DropInParts): DropIn | null {
  const service = engine.services.get('classifications');
  if (service === undefined) return null;
  const { name, models = [] } = service;
  const found = picturesFor(service, [...engine.services.values()]);
  const samples = new Map(found.map(({ sample }) => [sample.name, sample]));
  const choices = { models, images: new Map(found.map(({ sample, address }) => [sample.name, address])) };
  const sessions = createFormSessions();
  const submit = choiceSubmitter({ engine, service, uploadBytesMax, sessions, choices, samples });
  return {
    routes: [
      {
        method: 'GET',
        path: '/info',
        handle: async () => ({ status: 200, ...jsonBody({ models: models.map(({ id }) => id), images: [...samples.keys()] }) }),
      },
      {
        method: 'GET',
        path: '/classifications',
        handle: async ({ headers }) => selectPage(choices, sessions.of(headers)),
      },
      { method: 'POST', path: '/classifications', admits: name, handle: submit },
      {
        method: 'GET',
        path: '/classifications/:id',
        handle: async ({ caller, params: { id = '' } }) => ({
          status: 200,
          ...jsonBody(await taskStatus(engine, name, caller, pathId({ id }, 'classification'))),
        }),
      },
      ...staticFiles,
    ],
    errorAnswer: (error, { accept }) => errorPage(error, accept),
  };
}

interface Picture {
  readonly sample: Sample;
  readonly address: string;
}

/** The samples of all services that are pictures, those of the service itself first; of two with one name the first. */
function picturesFor(service: Service, services: readonly Service[]): Picture[] {
  const pictures = [service, ...services.filter((other) => other !== service)].flatMap(({ name, samples = [] }) =>
    samples.map((sample) => ({ sample, address: `/v1/services/${name}/samples/${sample.name}` })),
  );
  return pictures.filter(
    ({ sample }, at) =>
      service.accepts.includes(sample.mediaType) && pictures.findIndex((other) => other.sample.name === sample.name) === at,
  );
}
