import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import overlay from './overlay.module.css';

/** A dialog. Esc and the cross close it, the focus stays inside and returns to where it came from. */
export function Dialog(props: {
  opened: boolean;
  onClose: () => void;
  title: string;
  size?: number;
  children: ReactNode;
  /** A drawer covers the dialog, so Esc closes only the drawer. */
  isCovered?: boolean;
}) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      size={props.size ?? 560}
      centered
      lockScroll={false}
      closeOnEscape={props.isCovered !== true}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ backgroundOpacity: 0.5 }}
      transitionProps={{ duration: 120 }}
      classNames={{
        content: overlay.kitModal,
        header: overlay.kitModalHead,
        title: overlay.kitModalTitle,
        body: overlay.kitModalBody,
      }}
    >
      {props.children}
    </Modal>
  );
}
