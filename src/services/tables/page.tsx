import type { ServicePage } from '../../ui/service-page.ts';
import type { Result } from './contract.ts';
import { TablesResult } from './page/tables-result.tsx';

export const page: ServicePage<Result> = { Result: TablesResult };
