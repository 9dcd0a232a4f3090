import { compiledUrl } from '../../core/compiled-url.ts';
import { withEngine } from '../../media/chosen-engine.ts';
import { engineOf, type FoundOcr, findOcr, type OcrEngineChoice } from '../../media/find-ocr.ts';
import { pictureTypes } from '../../media/picture-types.ts';
import type { Sample, Service } from '../../ports/service.ts';
import { options, result } from './contract.ts';
import { normalizer } from './normalize.ts';

/** Of ours: counts up whenever pages are read in another way. */
const revision = 2;

/** The service that reads the text of pictures and PDFs, with the engine that this machine has. */
export async function openOcr(choice: OcrEngineChoice): Promise<Service> {
  return ocrWith(await findOcr(choice));
}

export function ocrWith(found: FoundOcr): Service {
  const engine = engineOf(found);
  return {
    name: 'ocr',
    title: 'Text recognition',
    summary: 'Reads the text of a scan, a photo or a PDF, with the place of every word.',
    version: `${engine.name}-${engine.version}/${revision}`,
    accepts: [...pictureTypes, 'image/bmp', 'application/pdf'],
    produces: ['text/html', 'text/tab-separated-values', 'application/pdf'],
    contract: { options, result },
    normalize: normalizer(found),
    engine,
    languages: found.languages,
    samples: [
      sample('letter.jpg', 'A letter, scanned askew', 'image/jpeg'),
      sample('receipt.png', 'A receipt', 'image/png'),
      sample('minutes.pdf', 'Two pages as a PDF', 'application/pdf'),
    ],
    task: withEngine(compiledUrl('./task.ts', import.meta.url), found),
    // A page takes about 3 s, of 50 million pixels up to a minute and 1.5 GB.
    limits: { timeMs: 30 * 60_000, silenceMs: 5 * 60_000, memoryBytes: 2 * 1024 ** 3 },
  };
}

function sample(name: string, title: string, mediaType: string): Sample {
  return { name, title, mediaType, file: new URL(`./samples/${name}`, import.meta.url) };
}
