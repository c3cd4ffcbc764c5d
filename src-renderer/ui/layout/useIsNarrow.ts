import { useMediaQuery } from '@mantine/hooks';

/** True while the window is too narrow for all buttons of a page's head. */
export function useIsNarrow(): boolean {
  return useMediaQuery('(max-width: 1199px)') ?? false;
}
