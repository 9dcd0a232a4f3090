import type { CSSProperties, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PageResult } from '../contract.ts';
import './page-picture.css';
import { type ShownPage, usePagePicture } from '../../../ui/use-page-picture.ts';

/** The page as it looks, upright; where no picture of it can be had, plain paper. */
export function PagePicture({ page, job, client }: ShownPage<PageResult>): JSX.Element {
  const picture = usePagePicture({ page, job, client });
  const [shown, setShown] = useState<'loading' | 'yes' | 'no'>('loading');
  const isMissing = picture === 'none' || shown === 'no';
  return (
    <>
      {picture !== null && !isMissing && (
        <img
          class={`page-picture${shown === 'yes' ? '' : ' page-picture-loading'}`}
          src={picture}
          alt={`Page ${page.number}`}
          draggable={false}
          style={turned(page)}
          onLoad={() => setShown('yes')}
          onError={() => setShown('no')}
        />
      )}
      {!isMissing && shown === 'loading' && (
        <div class="page-picture-skeleton" role="status" aria-label="The picture is loading" />
      )}
      {isMissing && <div class="page-picture-paper">There is no picture of this page. The boxes show where its words stand.</div>}
    </>
  );
}

/** The file lies as it was handed in; the places of the words are those of the upright page. */
function turned({ width, height, rotation }: PageResult): CSSProperties {
  const isOnItsSide = rotation % 180 !== 0;
  return {
    width: isOnItsSide ? `${(height / width) * 100}%` : '100%',
    height: isOnItsSide ? `${(width / height) * 100}%` : '100%',
    transform: `translate(-50%, -50%) rotate(${rotation}deg)`,
  };
}
