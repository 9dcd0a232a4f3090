import { Download } from 'lucide';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { LinkButton } from '../../../ui/button.tsx';
import { formatBytes, formatCount, formatShare } from '../../../ui/format.ts';
import { fileUrl } from '../../../ui/service-page.ts';
import type { Result } from '../contract.ts';
import './thumbnail.css';

interface ThumbnailProps {
  readonly thumbnail: Result['thumbnails'][number];
  readonly sourceBytes: number | null;
}

/** One picture at its size, with a blurred one in its place until it has come. */
export function Thumbnail({ thumbnail, sourceBytes }: ThumbnailProps): JSX.Element {
  const { width, height, mediaType, bytes, file, placeholder } = thumbnail;
  const [isLoaded, setLoaded] = useState(false);
  const size = `${formatCount(width)} × ${formatCount(height)}`;
  return (
    <figure class="thumbnail">
      <a
        class="thumbnail-frame"
        href={fileUrl(file)}
        target="_blank"
        rel="noreferrer"
        style={{ width: shownWidth(width, height) }}
      >
        <span class="thumbnail-paper" style={{ aspectRatio: `${width} / ${height}` }}>
          {!isLoaded && <img class="thumbnail-picture" src={placeholder} alt="" />}
          <img
            class="thumbnail-picture"
            src={fileUrl(file)}
            width={width}
            height={height}
            alt={`Thumbnail of ${size} pixels`}
            onLoad={() => setLoaded(true)}
          />
        </span>
      </a>
      <figcaption class="thumbnail-words">
        <strong>{size}</strong>
        <span>{`${mediaType.replace('image/', '')} · ${formatBytes(bytes)}`}</span>
        {sourceBytes !== null && <Saved bytes={bytes} sourceBytes={sourceBytes} />}
        <LinkButton icon={Download} href={fileUrl(file)} download>
          Download
        </LinkButton>
      </figcaption>
    </figure>
  );
}

/** Its own size, unless that is higher than a screen. */
function shownWidth(width: number, height: number): string {
  return `min(${width}px, calc(var(--thumbnail-height) * ${width / height}))`;
}

function Saved({ bytes, sourceBytes }: { bytes: number; sourceBytes: number }): JSX.Element {
  const share = (sourceBytes - bytes) / sourceBytes;
  if (share < 0) return <span class="thumbnail-more">{`${formatBytes(bytes - sourceBytes)} more than the original`}</span>;
  return <span class="thumbnail-saved">{`${formatShare(share)} smaller: ${formatBytes(sourceBytes - bytes)} saved`}</span>;
}
