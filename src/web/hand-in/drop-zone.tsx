import { Camera, FolderOpen, UploadCloud } from 'lucide';
import type { JSX, RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import './drop-zone.css';

interface DropZoneProps {
  /** Media types that the picker offers; empty while they are not known. */
  readonly types: readonly string[];
  /** Something lies in the tray already: the zone is smaller. */
  readonly small: boolean;
  readonly picker: RefObject<HTMLInputElement | null>;
  onFiles(files: readonly File[]): void;
}

/** Where files come in: by a click here; what is dropped or pasted anywhere on the page comes in, too. */
export function DropZone({ types, small, picker, onFiles }: DropZoneProps): JSX.Element {
  const camera = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement): void => {
    onFiles([...(input.files ?? [])]);
    // The same file can be chosen again after it was removed.
    input.value = '';
  };
  return (
    <div class={`drop-zone${small ? ' drop-zone-small' : ''}`}>
      <Icon node={UploadCloud} size={small ? 24 : 40} />
      <p class="drop-zone-title">{small ? 'Add more' : 'Drop files here, paste, or choose'}</p>
      <div class="drop-zone-ways">
        <Button kind={small ? 'plain' : 'main'} icon={FolderOpen} onClick={() => picker.current?.click()}>
          Choose files
        </Button>
        <span class="drop-zone-camera">
          <Button icon={Camera} onClick={() => camera.current?.click()}>
            Take a photo
          </Button>
        </span>
      </div>
      <input
        ref={picker}
        class="drop-zone-input"
        type="file"
        multiple
        accept={types.join(',')}
        tabIndex={-1}
        aria-label="Files"
        onChange={(event) => take(event.currentTarget)}
      />
      <input
        ref={camera}
        class="drop-zone-input"
        type="file"
        accept="image/*"
        capture="environment"
        tabIndex={-1}
        aria-label="Photo"
        onChange={(event) => take(event.currentTarget)}
      />
    </div>
  );
}
