import type { ServicePage } from '../../ui/service-page.ts';
import type { Result } from './contract.ts';
import { ClassificationResult } from './page/classification-result.tsx';

export const page: ServicePage<Result> = { Result: ClassificationResult };
