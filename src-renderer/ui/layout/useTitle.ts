import { useEffect } from 'react';

/** The window's title follows the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Sallyport`;
  }, [title]);
}
