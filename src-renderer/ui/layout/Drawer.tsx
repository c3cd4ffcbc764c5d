import { Drawer as KitDrawer } from '@mantine/core';
import type { ReactNode } from 'react';
import overlay from './overlay.module.css';

/** A sheet at the right edge; Esc, the cross and a click beside it close it. */
export function Drawer(props: {
  opened: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** Lies above dialogs and other drawers. */
  isOnTop?: boolean;
  /** Another drawer lies above: Esc closes that one only. */
  isCovered?: boolean;
}) {
  return (
    <KitDrawer
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      position="right"
      size={420}
      lockScroll={false}
      closeOnEscape={props.isCovered !== true}
      {...(props.isOnTop === true ? { zIndex: 250 } : {})}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ backgroundOpacity: 0.35 }}
      transitionProps={{ duration: 120 }}
      classNames={{
        content: overlay.kitDrawer,
        header: overlay.kitModalHead,
        title: overlay.kitModalTitle,
        body: overlay.kitDrawerBody,
      }}
    >
      {props.children}
    </KitDrawer>
  );
}
