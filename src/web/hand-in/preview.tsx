import { FileText, Image, Link } from 'lucide';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import type { Chosen } from './chosen.ts';
import './preview.css';

/** A small picture of what was chosen, where the browser can draw it. */
export function Preview({ source, mediaType }: Pick<Chosen, 'source' | 'mediaType'>): JSX.Element {
  const [url, setUrl] = useState<string | null>(null);
  const file = source.kind === 'file' && mediaType?.startsWith('image/') === true ? source.file : null;
  useEffect(() => {
    if (file === null) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  const icon = source.kind === 'link' ? Link : mediaType?.startsWith('image/') === true ? Image : FileText;
  return (
    <span class="preview">
      {url === null ? (
        <Icon node={icon} size={20} />
      ) : (
        <img src={url} alt="" loading="lazy" decoding="async" onError={() => setUrl(null)} />
      )}
    </span>
  );
}
