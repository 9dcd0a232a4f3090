import { compiledUrl } from '../../core/compiled-url.ts';
import { withEngine } from '../../media/chosen-engine.ts';
import { engineOf, type FoundOcr, findOcr, type OcrEngineChoice } from '../../media/find-ocr.ts';
import { pictureTypes } from '../../media/picture-types.ts';
import type { Service } from '../../ports/service.ts';
import { options, result } from './contract.ts';
import { normalize } from './normalize.ts';

/** Of ours: counts up whenever tables are found in another way. */
const revision = 3;

/** The service that finds tables in PDFs and scans; scans are read with the engine that this machine has. */
export async function openTables(choice: OcrEngineChoice): Promise<Service> {
  return tablesWith(await findOcr(choice));
}

export function tablesWith(found: FoundOcr): Service {
  const engine = engineOf(found);
  return {
    name: 'tables',
    title: 'Tables',
    summary: 'Finds the tables of a PDF or a scan and gives them as JSON, CSV, XLSX or HTML.',
    version: `${revision}/${engine.name}-${engine.version}`,
    accepts: ['application/pdf', ...pictureTypes, 'image/bmp'],
    produces: ['text/csv', 'application/zip', 'text/html', 'application/xml', 'text/plain', sheetType],
    contract: { options, result },
    normalize,
    engine,
    languages: found.languages,
    samples: [
      {
        name: 'harbour.pdf',
        title: 'A report with tables',
        mediaType: 'application/pdf',
        file: new URL('./samples/harbour.pdf', import.meta.url),
      },
    ],
    task: withEngine(compiledUrl('./task.ts', import.meta.url), found),
    // A page with text takes a tenth of a second, a scan as long as text recognition does.
    limits: { timeMs: 30 * 60_000, silenceMs: 5 * 60_000, memoryBytes: 2 * 1024 ** 3 },
  };
}

const sheetType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
