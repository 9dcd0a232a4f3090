import type { ServicePage } from '../../ui/service-page.ts';
import type { Result } from './contract.ts';
import { OcrResult } from './page/ocr-result.tsx';

export const page: ServicePage<Result> = { Result: OcrResult };
