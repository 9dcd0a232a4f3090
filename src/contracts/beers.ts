import { type Static, Type } from 'typebox';

export const glassTypes = ['half', 'pint', 'stein'] as const;

const TapId = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'The tap, by the number that its owner gave it.',
});
const GlassType = Type.Enum([...glassTypes], {
  description: 'The glass: `half` up to 300, `pint` above 300 up to 800, `stein` above 800.',
});

/** What a tap tells: `POST /v1/beers`. */
export const Pour = Type.Object(
  {
    tapId: TapId,
    volume: Type.Number({ minimum: 100, maximum: 1000, description: 'Millilitres.' }),
    readingId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description:
          'Chosen by the tap. Of pours with the same one the tap has made one: what is sent again gives the first answer.',
      }),
    ),
    pouredAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'When it was poured, if that was not now: of a tap that could not send it earlier.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** A beer that was poured. */
export const Beer = Type.Object({
  id: Type.String(),
  tapId: TapId,
  volume: Type.Number(),
  type: GlassType,
  timestamp: Type.String({ format: 'date-time', description: 'When it was poured.' }),
});

/** `GET /v1/beers`: newest first. */
export const BeerPage = Type.Object({
  items: Type.Array(Beer),
  page: Type.Integer({ description: 'From 1 on.' }),
  pageSize: Type.Integer(),
  total: Type.Integer({ description: 'How many there are on all pages.' }),
});

/** How many of all beers a tap has poured. */
export const TapShare = Type.Object({
  tapId: TapId,
  beers: Type.Integer(),
  share: Type.Number({ minimum: 0, maximum: 1 }),
});

/** `data` of the event `taps.report`. */
export const TapReport = Type.Object({
  total: Type.Integer(),
  taps: Type.Array(TapShare, { description: 'In the order of their first beer.' }),
});

/** A tap as `GET /v1/taps` gives it. */
export const TapView = Type.Object({
  ...TapShare.properties,
  sockets: Type.Integer({
    description: 'Live sockets that said they are this tap (`tap` in their `subscribe`), of this process.',
  }),
});

/** `GET /v1/taps`, and `data` of the live event `taps.changed`. */
export const TapList = Type.Object({ items: Type.Array(TapView) });

export type Pour = Static<typeof Pour>;
export type Beer = Static<typeof Beer>;
export type BeerPage = Static<typeof BeerPage>;
export type TapReport = Static<typeof TapReport>;
export type TapView = Static<typeof TapView>;
export type TapList = Static<typeof TapList>;
