import type { Service } from '../ports/service.ts';
import { thumbnails } from '../services/thumbnails/thumbnails.ts';

/** What is installed. A service is added by its line here. */
export const services: readonly Service[] = [thumbnails];
