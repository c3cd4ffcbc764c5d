import './kitStyles.ts';
import { createTheme, MantineProvider, Menu, useMantineColorScheme } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { styleNonce } from './nonce.ts';
import overlay from './layout/overlay.module.css';

const theme = createTheme({
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  primaryColor: 'teal',
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Menu: Menu.extend({
      defaultProps: {
        position: 'bottom-end',
        transitionProps: { duration: 100 },
        classNames: { dropdown: overlay.kitMenu, item: overlay.kitMenuItem },
        // A menu belongs to the part of the page that opened it, and holds nothing but its items.
        withinPortal: false,
        floatingStrategy: 'fixed',
        withInitialFocusPlaceholder: false,
      },
    }),
    // A dialog's head is no banner of the page.
    ModalHeader: { defaultProps: { component: 'div' } },
    DrawerHeader: { defaultProps: { component: 'div' } },
  },
});

/** Context that our components need. */
export function UiProvider({ children, env = 'default' }: { children: ReactNode; env?: 'default' | 'test' }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce} env={env}>
      {/* Buttons of dialogs and panels are on the right, and nothing must cover a button that is about to be pressed. */}
      <Notifications position="bottom-left" containerWidth={340} limit={3} zIndex={400} />
      {children}
    </MantineProvider>
  );
}

/** Light, dark, or the system's setting. */
export function useColorScheme(): {
  scheme: 'light' | 'dark' | 'auto';
  setScheme: (scheme: 'light' | 'dark' | 'auto') => void;
} {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return { scheme: colorScheme, setScheme: setColorScheme };
}
