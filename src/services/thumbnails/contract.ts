import { type Static, Type } from 'typebox';
import { limits } from '../../core/limits.ts';

/** What `POST /v1/thumbnails` takes as options, and the result that it gives. */

export const sideMax = 4_096;
export const sizesMax = 20;

/** One size without the list of sizes: for those who type, not for a form. */
const shorthand = { 'x-form': 'hidden' };

const side = (title: string, more: object = {}) =>
  Type.Integer({
    ...more,
    minimum: 1,
    maximum: sideMax,
    title,
    description: 'In pixels. Where it is left out, the other side and the shape of the picture decide.',
  });

const fit = {
  title: 'Fit',
  description:
    '`cover` fills the size and cuts off what sticks out, in equal parts. `smart` does the same, but keeps what catches the eye. `contain` shows the whole picture between margins (transparent; white in JPEG). `inside` shows the whole picture without margins, so that the thumbnail may be smaller than asked for; without `enlarge` it never enlarges it (a page of a PDF: not beyond 288 dots an inch). All others enlarge small pictures.',
};
const enlarge = (more: object) =>
  Type.Boolean({
    ...more,
    title: 'Enlarge small pictures',
    description:
      'With `inside`: a picture that is smaller than the size is enlarged until it fits. Without it, it keeps its size.',
  });
const fits = Type.Enum(['cover', 'contain', 'inside', 'smart'], { ...fit, ...shorthand });

const size = Type.Object(
  {
    width: Type.Optional(side('Width')),
    height: Type.Optional(side('Height')),
    fit: Type.Enum(['cover', 'contain', 'inside', 'smart'], { ...fit, default: 'cover' }),
    enlarge: Type.Optional(enlarge({ 'x-form': 'hidden' })),
  },
  { additionalProperties: false, anyOf: ['width', 'height'].map((name) => ({ properties: { [name]: true }, required: [name] })) },
);

export const defaultSize = { width: 100, height: 100, fit: 'cover' } as const satisfies Size;

export const options = Type.Object(
  {
    sizes: Type.Optional(
      Type.Array(size, {
        minItems: 1,
        maxItems: sizesMax,
        title: 'Sizes',
        examples: [[defaultSize]],
        // No default: it would stand beside the shorthand.
        'x-default': [defaultSize],
        'x-help': 'One picture for each line.',
        description:
          'One thumbnail for each. Without it, `width`, `height`, `fit` and `enlarge` are the one size; without those, 100x100 `cover`.',
      }),
    ),
    width: Type.Optional(side('Width', shorthand)),
    height: Type.Optional(side('Height', shorthand)),
    fit: Type.Optional(fits),
    enlarge: Type.Optional(enlarge(shorthand)),
    page: Type.Integer({
      minimum: 1,
      maximum: limits.pdfPagesMax,
      default: 1,
      'x-form': 'advanced',
      title: 'Page',
      'x-help': 'Which page of a PDF; the first is 1.',
      description:
        'Of a PDF or a TIFF; the first is 1. A page that the file does not have fails the job with `validation-error`.',
    }),
    format: Type.Enum(['same', 'jpeg', 'png', 'webp', 'avif', 'gif'], {
      default: 'same',
      title: 'Format',
      'x-help':
        'Same: the format of the picture. SVG then gives PNG, PDF and TIFF give JPEG (PNG where the TIFF is see-through).',
      description:
        '`same` is the format of the picture; for SVG it is PNG, for PDF JPEG, for TIFF JPEG, or PNG where the picture is see-through.',
    }),
    quality: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 80,
      title: 'Quality',
      description: 'Of JPEG, WebP and AVIF, each on the scale of its own encoder. PNG loses nothing; GIF does not have it.',
    }),
    animated: Type.Boolean({
      default: false,
      title: 'Keep the animation',
      'x-help': 'Keeps all frames where the picture has several and the format can (GIF, WebP). Else the first frame is taken.',
      description:
        'Keeps all frames where the picture has several and the format can (GIF, WebP); else the first frame is taken. `smart` then cuts like `cover`.',
    }),
    lenient: Type.Boolean({
      default: false,
      'x-form': 'advanced',
      title: 'Take damaged pictures',
      description: 'Makes thumbnails of what can be decoded where the file is cut off or damaged, instead of failing.',
    }),
  },
  { additionalProperties: false },
);

export const result = Type.Object({
  source: Type.Object({
    mediaType: Type.String({ description: 'As found from the bytes.' }),
    width: Type.Integer({ description: 'Pixels of one frame, upright; of a PDF points (1/72 inch) of the page.' }),
    height: Type.Integer(),
    frames: Type.Integer({ description: 'Frames of an animation, pages of a TIFF or PDF.' }),
    orientation: Type.Integer({
      minimum: 1,
      maximum: 8,
      description: 'The EXIF orientation that the picture had; the thumbnails are upright.',
    }),
  }),
  thumbnails: Type.Array(
    Type.Object({
      width: Type.Integer(),
      height: Type.Integer(),
      mediaType: Type.String(),
      bytes: Type.Integer(),
      file: Type.String({ format: 'uuid', description: 'Id of the file: `GET /v1/files/{id}` gives it.' }),
      placeholder: Type.String({
        description: 'A few blurred pixels as a `data:` URI, to be shown until the thumbnail is there.',
      }),
    }),
    { description: 'In the order of the sizes asked for.' },
  ),
});

export type Size = Static<typeof size>;
type Options = Static<typeof options>;
/** The options as the task gets them. */
export type NormalOptions = Omit<Options, 'sizes' | keyof Size> & { sizes: Size[] };
export type Result = Static<typeof result>;
