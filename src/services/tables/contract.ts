import { type Static, Type } from 'typebox';
import { resultFile } from '../../media/result-file.ts';

/** What `POST /v1/tables` takes as options, and the result that it gives. */

const languagesMax = 8;

export const options = Type.Object(
  {
    pages: Type.Optional(
      Type.String({
        maxLength: 1_000,
        pattern: '^ *[0-9]+ *(- *[0-9]+ *)?(, *[0-9]+ *(- *[0-9]+ *)?)*$',
        title: 'Pages',
        'x-help': 'Which pages; empty for all.',
        examples: ['1-3,7'],
        description: 'Which pages, from 1 on; without it all.',
      }),
    ),
    method: Type.Enum(['auto', 'lattice', 'stream'], {
      default: 'auto',
      title: 'Method',
      'x-help': 'Lattice follows drawn lines, stream the alignment of the text. Auto takes for each table what fits.',
      description:
        '`lattice` finds tables by drawn lines, `stream` by the alignment of words; `auto` takes for each table what fits.',
    }),
    outputs: Type.Array(Type.Enum(['json', 'csv', 'xlsx', 'html', 'xml', 'text']), {
      minItems: 1,
      uniqueItems: true,
      default: ['json'],
      title: 'Outputs',
      'x-help':
        'JSON is shown and stands in the result. CSV gives a file a table, and all of them zipped where there are several; XLSX a sheet a table; HTML all tables; XML the text of the pages with places; text the plain text. With XML and text alone no tables are looked for, which is quicker.',
      description:
        '`json`: the `rows` of the tables stand in the result. The others are files: `csv` one a table and a zip of them where there are several, `xlsx` with a sheet a table, `html`, `xml` with pages, lines, words and their boxes, and `text` in reading order. Where only `xml` or `text` is asked for no tables are looked for, which is several times as quick.',
    }),
    joinPages: Type.Boolean({
      default: false,
      title: 'Join over pages',
      description: 'Takes a table at the end of a page and one of as many columns at the top of the next for one.',
    }),
    box: Type.Optional(
      Type.Array(Type.Number({ minimum: 0, maximum: 20_000 }), {
        minItems: 4,
        maxItems: 4,
        'x-form': 'hidden',
        examples: [[72, 100, 400, 250]],
        description: 'Only what lies in this box of each page: x, y, width and height as boxes in the result have them.',
      }),
    ),
    password: Type.Optional(
      Type.String({ writeOnly: true, minLength: 1, maxLength: 200, title: 'Password', description: 'Opens an encrypted PDF.' }),
    ),
    language: Type.Array(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]*(/[A-Za-z0-9_]+)?$', maxLength: 40 }), {
      minItems: 1,
      maxItems: languagesMax,
      uniqueItems: true,
      default: ['eng'],
      'x-form': 'advanced',
      title: 'Languages of scans',
      description: 'Codes of Tesseract for pages that are pictures, the most likely language first.',
    }),
  },
  { additionalProperties: false },
);

const box = Type.Array(Type.Number(), {
  minItems: 4,
  maxItems: 4,
  description: 'x, y, width and height from the top left corner of the upright page, in points; in pixels of a picture.',
});

const cell = Type.Object({
  text: Type.String({ description: 'Lines of a cell stand apart by a line feed.' }),
  rowspan: Type.Integer({ minimum: 1 }),
  colspan: Type.Integer({ minimum: 1 }),
});

const table = Type.Object({
  page: Type.Integer({ description: 'The page it begins on, from 1 on.' }),
  pages: Type.Array(Type.Integer(), { description: 'All pages it is on: several only with `joinPages`.' }),
  box,
  method: Type.Enum(['lattice', 'stream'], { description: 'How it was found.' }),
  confidence: Type.Number({ minimum: 0, maximum: 1, description: 'How well the text fits the grid: a hint, no probability.' }),
  headerRows: Type.Integer({ minimum: 0 }),
  columns: Type.Integer({ minimum: 1 }),
  rows: Type.Optional(Type.Array(Type.Array(cell), { description: 'As in HTML: a cell that a span covers is absent.' })),
});

const page = Type.Object({
  number: Type.Integer({ description: 'From 1 on.' }),
  width: Type.Number({ description: 'Of the upright page, in points; in pixels of a picture.' }),
  height: Type.Number(),
  rotation: Type.Integer({ description: 'Degrees by which the page was turned clockwise so that most text stands upright.' }),
  recognized: Type.Boolean({ description: 'Whether its text was read from a picture.' }),
});

export const result = Type.Object({
  pages: Type.Array(page),
  tables: Type.Array(table, {
    description:
      'From the first page to the last, on each from top to bottom, side by side from left to right. Empty where only `xml` or `text` was asked for.',
  }),
  files: Type.Array(resultFile(Type.Enum(['csv', 'xlsx', 'html', 'xml', 'text']))),
});

export type Options = Static<typeof options>;
export type Output = Options['outputs'][number];
export type Result = Static<typeof result>;
export type TableResult = Static<typeof table>;
export type TableCell = Static<typeof cell>;
