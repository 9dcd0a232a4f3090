import { problemType } from '../../core/errors.ts';
import { hasEnded, type Job } from '../../core/job.ts';

/** The jobs of Thumbnailify's paths are those with this label; there is no other list of them. */
export const imageLabels = { dropin: 'thumbnailify' } as const;
/** The label that keeps the media type as the client declared it. */
export const mediaTypeLabel = 'mediaType';

const processing = 'Processing image, use `media_id` to check status';
const completed = 'Completed thumbnail creation';
const damaged = 'Corroupted raw image, please try again';

/** A picture as Thumbnailify told of it: names, texts and their order are its own, spelling included. */
interface ImageState {
  readonly media_id: string;
  readonly media_type: string;
  readonly service: 'webserver' | 'worker';
  readonly message: string;
  readonly state: 'Processing' | 'Completed' | 'Error';
}

export function isImage({ labels }: Job): boolean {
  return labels.dropin === imageLabels.dropin;
}

/** What `GET /images/<id>` answers: the status stands for the state, too. */
export function imageState(job: Job): { readonly status: number; readonly body: ImageState } {
  const told = (status: number, service: ImageState['service'], message: string, state: ImageState['state']) => ({
    status,
    body: { media_id: job.id, media_type: declaredType(job), service, message, state },
  });
  if (!hasEnded(job.state)) return told(200, 'webserver', processing, 'Processing');
  if (job.state === 'succeeded') return told(200, 'worker', completed, 'Completed');
  const { status, message } = endOf(job);
  return told(status, 'worker', message, 'Error');
}

/** What `POST /images` answers, in the order of members that it had there. */
export function acceptedImage(job: Job): object {
  return {
    media_id: job.id,
    media_type: declaredType(job),
    message: processing,
    service: 'webserver',
    state: 'Processing',
  };
}

export function declaredType({ labels, source }: Job): string {
  return labels[mediaTypeLabel] ?? source?.mediaType ?? 'application/octet-stream';
}

/** Why there is no thumbnail. Thumbnailify had one text for all that its decoder did not like; whatever else it was says what it was. */
function endOf({ state, error, source }: Job): { readonly status: number; readonly message: string } {
  if (state === 'canceled' || error === null) return { status: 409, message: 'The job was canceled.' };
  const isPicture = source?.mediaType.startsWith('image/') ?? false;
  const isNone = error.type === problemType('unsupported-media-type') && !isPicture;
  if (isNone || error.type === problemType('unprocessable-media')) return { status: 400, message: damaged };
  // This answer is no failure of the server, whatever became of the job.
  return { status: error.status < 500 ? error.status : 422, message: error.detail };
}
