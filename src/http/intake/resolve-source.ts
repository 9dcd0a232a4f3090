import type { StoredFile } from '../../core/job.ts';
import type { Engine, SubmitRequest } from '../../engine/engine.ts';
import type { Service } from '../../ports/service.ts';
import { checkPicture } from './picture-meter.ts';
import { checkAccepted } from './receive-source.ts';
import type { RequestedSource } from './submission.ts';

/**
 * What a request names as its source, as the engine takes it: what an earlier job made is a stored file, and the service must take
 * what a stored file is. Throws `not-found` for what is not the caller's, and what the state of an earlier job calls for.
 */
export async function resolveSource(
  engine: Pick<Engine, 'file' | 'output'>,
  caller: string,
  service: Service,
  source: RequestedSource | null,
): Promise<SubmitRequest['source']> {
  if (source === null || 'input' in source || 'url' in source) return source;
  const file = 'job' in source ? await engine.output(caller, source.job, source.output) : await engine.file(caller, source.file);
  checkFile(service, file);
  return { stored: file };
}

function checkFile(service: Service, { mediaType, picture }: StoredFile): void {
  checkAccepted(service, mediaType);
  if (picture !== null) checkPicture(picture);
}
