import { Drawer as KitDrawer } from '@mantine/core';
import type { ReactNode } from 'react';
import overlay from './overlay.module.css';

/** A panel at the right edge. Esc, the close button and a click outside close it. */
export function Drawer(props: {
  opened: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** Whether the drawer covers dialogs and other drawers. */
  isOnTop?: boolean;
  /** Another drawer covers this one, so Esc closes only the other. */
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
