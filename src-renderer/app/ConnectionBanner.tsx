import type { ConnectionState } from '../rpc/connection.ts';
import { Ago } from '../ui/feedback/Age.tsx';

/** While the console is away, everything on the page is old, and the page says so. */
export function ConnectionBanner({ state }: { state: ConnectionState }) {
  if (state.state !== 'lost') return null;
  return (
    <div className="banner" role="alert">
      <strong>Console not reachable, values are old.</strong> Trying again by itself; lost since{' '}
      <Ago at={state.since} />
    </div>
  );
}
