import type { JSX } from 'preact';
import { type ShownPage, usePagePicture } from '../../../ui/use-page-picture.ts';
import type { Result } from '../contract.ts';

interface PageTablesProps extends ShownPage<Result['pages'][number]> {
  readonly tables: Result['tables'];
  readonly chosen: number;
  choose(table: number): void;
}

/** A page as it was handed in, turned upright, with a frame over each of its tables. */
export function PageTables({ tables, chosen, choose, ...shown }: PageTablesProps): JSX.Element {
  const { page } = shown;
  const picture = usePagePicture(shown);
  const share = (part: number, whole: number) => `${(100 * part) / whole}%`;
  const isLying = page.rotation % 180 !== 0;
  // Turned about its middle, what lies has the sides of the page the other way round.
  const turned = isLying
    ? { width: share(page.height, page.width), height: share(page.width, page.height) }
    : { width: '100%', height: '100%' };
  return (
    <div class="tables-result-page" style={{ aspectRatio: `${page.width} / ${page.height}` }}>
      {picture !== null && picture !== 'none' && (
        <img
          class="tables-result-picture"
          src={picture}
          alt={`Page ${page.number}`}
          style={{ ...turned, transform: `translate(-50%, -50%) rotate(${page.rotation}deg)` }}
        />
      )}
      {tables.map(({ page: number, box: [x = 0, y = 0, width = 0, height = 0] }, at) =>
        number !== page.number ? null : (
          <button
            key={`${x} ${y}`}
            type="button"
            class="tables-result-frame"
            aria-label={`Table ${at + 1}`}
            aria-pressed={at === chosen}
            onClick={() => choose(at)}
            style={{
              left: share(x, page.width),
              top: share(y, page.height),
              width: share(width, page.width),
              height: share(height, page.height),
            }}
          />
        ),
      )}
    </div>
  );
}
