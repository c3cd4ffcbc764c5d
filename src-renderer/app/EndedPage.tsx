import { useTitle } from '../ui/useTitle.ts';

/** A link opens the page once, and only while the host that printed it runs; afterwards it ends here. */
export function RefusedPage() {
  useTitle('Link no longer valid');
  return (
    <main className="refused">
      <span className="brand-mark" aria-hidden="true">
        ▚
      </span>
      <h1>This link is no longer valid</h1>
      <p>
        A link opens the console in one browser, once: either it was used before, or Sallyport was started
        anew since. Print a new one where Sallyport runs, and open that; nothing was changed by coming here.
      </p>
      <pre className="machine">sallyport web</pre>
    </main>
  );
}
