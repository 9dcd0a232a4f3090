import { type Static, Type } from 'typebox';
import { resultFile } from '../../media/result-file.ts';

/** What `POST /v1/ocr` takes as options, and the result that it gives. */

export const languagesMax = 8;

export const options = Type.Object(
  {
    language: Type.Array(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]*(/[A-Za-z0-9_]+)?$', maxLength: 40 }), {
      minItems: 1,
      maxItems: languagesMax,
      uniqueItems: true,
      default: ['eng'],
      title: 'Languages',
      'x-help': 'The most likely first. Each more makes reading slower.',
      description:
        'Codes of Tesseract, the most likely language first. `GET /v1/services` lists those that are installed; each more makes reading slower.',
    }),
    pages: Type.Optional(
      Type.String({
        maxLength: 1_000,
        pattern: '^ *[0-9]+ *(- *[0-9]+ *)?(, *[0-9]+ *(- *[0-9]+ *)?)*$',
        title: 'Pages',
        'x-help': 'Which pages of a PDF or TIFF; empty for all.',
        examples: ['1-3,7'],
        description: 'Which pages of a PDF or TIFF, from 1 on; without it all.',
      }),
    ),
    outputs: Type.Array(Type.Enum(['text', 'words', 'hocr', 'tsv', 'pdf']), {
      minItems: 1,
      uniqueItems: true,
      default: ['text', 'words'],
      title: 'Outputs',
      'x-help':
        'Text and words (each with its place) are shown and stand in the result. hOCR, TSV and PDF are files to download; the PDF shows the original pages and can be searched.',
      description:
        '`text` and `words` (lines and words with their boxes) stand in the result. `hocr`, `tsv` and `pdf` are files; the PDF shows the original pages and can be searched.',
    }),
    rotate: Type.Enum(['auto', 'none'], {
      default: 'auto',
      title: 'Turn pages upright',
      'x-help': 'Auto finds pages that lie on a side or stand on their head.',
      description: '`auto` finds pages that lie on a side or stand on their head. EXIF orientation is always applied.',
    }),
    deskew: Type.Boolean({
      default: true,
      'x-form': 'advanced',
      title: 'Straighten',
      description: 'Straightens pages that are a few degrees askew where they cannot be read well as they are.',
    }),
    force: Type.Boolean({
      default: false,
      'x-form': 'advanced',
      title: 'Read again',
      description: 'Reads the picture of PDF pages that have text already, instead of giving that text.',
    }),
    lenient: Type.Boolean({
      default: false,
      'x-form': 'advanced',
      title: 'Take damaged pictures',
      description: 'Reads what can be decoded where the file is cut off or damaged, instead of failing.',
    }),
    partial: Type.Boolean({
      default: false,
      'x-form': 'advanced',
      title: 'Keep partial results',
      description: 'Where a page fails, the job fails with the pages that were read before it in its `result`.',
    }),
  },
  { additionalProperties: false },
);

const confidence = (what: string) =>
  Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
    description: `${what}, weighted by length; null where nothing was recognized: no text, or text that the PDF had.`,
  });

const box = Type.Array(Type.Integer(), {
  minItems: 4,
  maxItems: 4,
  description: 'x, y, width and height in pixels of the upright page, from its top left corner.',
});

const word = Type.Object({ text: Type.String(), confidence: confidence('0 to 1'), box });

const line = Type.Object({
  text: Type.String(),
  confidence: confidence('Mean of the words'),
  box,
  words: Type.Array(word),
});

const page = Type.Object({
  number: Type.Integer({ description: 'From 1 on.' }),
  width: Type.Integer({ description: 'Pixels of the upright page; of a PDF at the resolution at which it was read.' }),
  height: Type.Integer(),
  rotation: Type.Integer({ description: 'Degrees by which the page was turned clockwise: 0, 90, 180 or 270.' }),
  confidence: confidence('Mean of the words'),
  text: Type.Optional(Type.String()),
  lines: Type.Optional(Type.Array(line)),
});

export const result = Type.Object({
  text: Type.Optional(Type.String({ description: 'Pages stand apart by a form feed.' })),
  confidence: confidence('Mean of the words'),
  pages: Type.Array(page),
  files: Type.Array(resultFile(Type.Enum(['hocr', 'tsv', 'pdf']))),
});

export type Options = Static<typeof options>;
export type Output = Options['outputs'][number];
export type Result = Static<typeof result>;
export type PageResult = Static<typeof page>;
export type LineResult = Static<typeof line>;
