import type { ComponentChildren, JSX } from 'preact';
import { Button } from './button.tsx';
import './confirm.css';
import { Dialog } from './dialog.tsx';

interface ConfirmProps {
  /** A question. */
  readonly title: string;
  /** What is done on yes. */
  readonly label: string;
  readonly kind?: 'main' | 'danger';
  readonly open: boolean;
  onYes(): void;
  onClose(): void;
  /** What it means. */
  readonly children: ComponentChildren;
}

/** Asks before something is done that cannot be taken back. */
export function Confirm({ title, label, kind = 'main', open, onYes, onClose, children }: ConfirmProps): JSX.Element {
  return (
    <Dialog title={title} open={open} onClose={onClose}>
      <div class="confirm">
        {children}
        <div class="confirm-buttons">
          <Button onClick={onClose}>Leave it</Button>
          <Button
            kind={kind}
            onClick={() => {
              onClose();
              onYes();
            }}
          >
            {label}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
