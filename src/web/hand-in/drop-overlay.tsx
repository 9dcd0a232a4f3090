import { Download } from 'lucide';
import type { JSX } from 'preact';
import { Icon } from '../../ui/icon.tsx';
import './drop-overlay.css';

/** Says that the whole page takes what is held over it. */
export function DropOverlay(): JSX.Element {
  return (
    <div class="drop-overlay">
      <div class="drop-overlay-box">
        <Icon node={Download} size={40} />
        <p>Let go to add it</p>
      </div>
    </div>
  );
}
