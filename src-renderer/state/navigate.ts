import { useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';

/** Goes to a place; `replace` where going back should not lead here again. */
export function useNavigateTo(): (place: string, options?: { replace?: boolean }) => void {
  const { history } = useRouter();
  return useCallback(
    (place, options) => {
      if (options?.replace) history.replace(place);
      else history.push(place);
    },
    [history],
  );
}
