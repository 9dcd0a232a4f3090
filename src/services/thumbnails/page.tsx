import type { ServicePage } from '../../ui/service-page.ts';
import type { Result } from './contract.ts';
import { ThumbnailsResult } from './page/thumbnails-result.tsx';

export const page: ServicePage<Result> = { Result: ThumbnailsResult };
