import { type Static, Type } from 'typebox';
import { glassTypes, volumeMax, volumeMin } from '../core/beer.ts';
import { limits } from '../core/limits.ts';

export const TapId = Type.Integer({
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
    volume: Type.Number({ minimum: volumeMin, maximum: volumeMax, description: 'Millilitres.' }),
    readingId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Chosen by the tap. It counts once: what is sent again is answered with 200 and the beer that there is.',
      }),
    ),
    pouredAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description:
          'When it was poured, if that was not now: of a tap that could not send it earlier. Since 1970, and not later than a minute from now.',
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

/** The query of `GET /v1/beers`. */
export const BeerListQuery = Type.Object(
  {
    page: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'From 1 on, which it is where it is missing.' }),
    ),
    page_size: Type.Optional(
      Type.Integer({ minimum: 1, maximum: limits.beersPageMax, description: `Missing: ${limits.beersPageDefault}.` }),
    ),
    type: Type.Optional(GlassType),
    tapId: Type.Optional(TapId),
    from: Type.Optional(
      Type.String({ maxLength: 64, format: 'date-time', description: 'RFC 3339: poured at this time or later.' }),
    ),
    to: Type.Optional(Type.String({ maxLength: 64, format: 'date-time', description: 'RFC 3339: poured before this time.' })),
  },
  { additionalProperties: false },
);

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
export const TapList = Type.Object({
  items: Type.Array(TapView, { description: 'In the order of their first beer, then those that have poured none yet.' }),
});

export type Pour = Static<typeof Pour>;
export type Beer = Static<typeof Beer>;
export type BeerPage = Static<typeof BeerPage>;
export type TapReport = Static<typeof TapReport>;
export type TapView = Static<typeof TapView>;
export type TapList = Static<typeof TapList>;
export type BeerListQuery = Static<typeof BeerListQuery>;
