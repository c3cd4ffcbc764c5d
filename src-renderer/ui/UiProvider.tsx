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
        // Render the menu inside the component that opened it.
        withinPortal: false,
        floatingStrategy: 'fixed',
        withInitialFocusPlaceholder: false,
      },
    }),
    // As a `div`, because a `header` element would be announced as the page's banner.
    ModalHeader: { defaultProps: { component: 'div' } },
    DrawerHeader: { defaultProps: { component: 'div' } },
  },
});

/** The context that our components need. */
export function UiProvider({ children, env = 'default' }: { children: ReactNode; env?: 'default' | 'test' }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce} env={env}>
      {/* Pop-ups are on the left, because dialogs and panels have their buttons on the right. */}
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
