import './kitStyles.ts';
import { createTheme, MantineProvider, useMantineColorScheme } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { styleNonce } from './nonce.ts';

const theme = createTheme({
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  primaryColor: 'teal',
  defaultRadius: 6,
  cursorType: 'pointer',
});

/** Everything that our components need around them. */
export function UiProvider({ children, env = 'default' }: { children: ReactNode; env?: 'default' | 'test' }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce} env={env}>
      {/* At the right stand the buttons of dialogs and of the panel: nothing may cover what is about to be pressed. */}
      <Notifications position="bottom-left" containerWidth={340} limit={3} zIndex={400} />
      {children}
    </MantineProvider>
  );
}

/** Light, dark, or as the system says. */
export function useColorScheme(): {
  scheme: 'light' | 'dark' | 'auto';
  setScheme: (scheme: 'light' | 'dark' | 'auto') => void;
} {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return { scheme: colorScheme, setScheme: setColorScheme };
}
