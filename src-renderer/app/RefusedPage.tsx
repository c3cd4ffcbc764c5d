import { useTitle } from '../ui/useTitle.ts';

/** The link to this page opens it once; a second use ends here. */
export function RefusedPage() {
  useTitle('Link already used');
  return (
    <main className="refused">
      <span className="brand-mark" aria-hidden="true">
        ▚
      </span>
      <h1>This link was already used</h1>
      <p>
        A link opens the console in one browser, once. Print a new one where Sallyport runs, and open that;
        the console and its links to appliances were not touched.
      </p>
      <pre className="machine">sallyport web</pre>
    </main>
  );
}
