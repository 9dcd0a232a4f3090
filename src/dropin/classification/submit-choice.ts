import { createReadStream } from 'node:fs';
import { ServiceError } from '../../core/errors.ts';
import type { Job } from '../../core/job.ts';
import type { NewInput } from '../../engine/received.ts';
import type { DropInAnswer, DropInRequest } from '../../http/drop-in.ts';
import { receiveSource } from '../../http/intake/receive-source.ts';
import { createServiceIntake } from '../../http/intake/submission.ts';
import type { Sample } from '../../ports/service.ts';
import type { FormSessions } from './form-sessions.ts';
import { type ReadChoiceParts, readChoice } from './read-choice.ts';
import { resultPage } from './result-page.ts';
import { type Choices, type Refused, selectPage } from './select-page.ts';

export interface SubmitChoiceParts extends ReadChoiceParts {
  readonly sessions: FormSessions;
  readonly choices: Choices;
  readonly samples: ReadonlyMap<string, Sample>;
}

/** What a picture that is no picture, or an empty one, is refused with. */
const ofTheFile = ['unsupported-media-type', 'empty-file', 'media-limits-exceeded'];

/** `POST /classifications`: the page of the job, or the form once more with what is wrong with it. */
export function choiceSubmitter(parts: SubmitChoiceParts): (request: DropInRequest) => Promise<DropInAnswer> {
  const { engine, service, sessions, choices } = parts;
  const intake = createServiceIntake(service);

  async function submit(request: DropInRequest, model: string, input: NewInput): Promise<Job> {
    try {
      const { options } = intake.fromDocument({ options: { model } });
      return await engine.submit({ caller: request.caller, service, source: { input }, options, traceId: request.traceId });
    } catch (error) {
      await engine.discard(input.blob);
      throw error;
    }
  }

  return async (request) => {
    const again = (refused: Refused) => selectPage(choices, sessions.of(request.headers), refused);
    const choice = await readChoice(parts, request).catch((error: unknown) => fileRefused(error, request));
    if ('problems' in choice) return again(choice);
    const { input } = choice;
    const [token, model, image] = ['csrf_token', 'model', 'image'].map((name) => choice.fields.get(name)?.[0]);
    const sample = parts.samples.get(image ?? '');
    const refused = refusal(parts, request, { token, model, image, hasPicture: input !== null || sample !== undefined });
    if (refused !== null) {
      if (input !== null) await engine.discard(input.blob);
      return again(refused);
    }
    const picture = input ?? (await sampleInput(parts, sample));
    const job = await submit(request, model ?? '', picture);
    return resultPage({
      job: job.id,
      model: choices.models.find(({ id }) => id === model)?.title ?? '',
      name: picture.name,
      address: input === null ? (choices.images.get(image ?? '') ?? '') : `/v1/files/${job.source?.file ?? ''}`,
    });
  };
}

function fileRefused(error: unknown, { headers }: DropInRequest): Refused {
  const isForm = headers['content-type']?.toLowerCase().startsWith('multipart/form-data') === true;
  if (!isForm || !(error instanceof ServiceError) || !ofTheFile.includes(error.code)) throw error;
  return { status: error.kind.status, problems: { file: error.message } };
}

interface Chosen {
  readonly token: string | undefined;
  readonly model: string | undefined;
  readonly image: string | undefined;
  readonly hasPicture: boolean;
}

function refusal({ sessions, choices }: SubmitChoiceParts, { headers }: DropInRequest, chosen: Chosen): Refused | null {
  const { token, model, image, hasPicture } = chosen;
  if (!sessions.holds(headers, token)) {
    const form =
      'This form was not made for this browser, or the server has started again since. Here is a new one: send it once more.';
    return { status: 403, model, image, problems: { form } };
  }
  const knowsModel = choices.models.some(({ id }) => id === model);
  if (knowsModel && hasPicture) return null;
  const problems = {
    ...(knowsModel ? {} : { model: 'This is not one of the models that are installed.' }),
    ...(hasPicture ? {} : { image: 'This is not one of the pictures that are here.' }),
  };
  return { status: 422, model, image, problems };
}

async function sampleInput({ engine, service }: SubmitChoiceParts, sample: Sample | undefined): Promise<NewInput> {
  if (sample === undefined) throw new Error('a form without a picture was taken');
  return receiveSource(engine, createReadStream(sample.file), { service, name: sample.name });
}
