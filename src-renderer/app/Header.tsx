import { use } from 'react';
import { NotificationBell } from '../features/notifications/NotificationBell.tsx';
import { useAbout } from '../features/system/queries.ts';
import { places } from '../state/places.ts';
import { openPalette } from '../ui/layout/CommandPalette.tsx';
import { PartBoundary } from '../ui/feedback/PartBoundary.tsx';
import { PlaceLink } from '../ui/layout/Place.tsx';
import { ConnectionContext } from './connectionContext.ts';
import { SignOutButton } from './SignOutButton.tsx';

export function Header() {
  const about = useAbout().data;
  const connection = use(ConnectionContext);
  return (
    <header className="header">
      <PlaceLink to={places.fleet()} className="brand" label="Sallyport: go to Fleet">
        <b aria-hidden="true">▚</b> Sallyport
      </PlaceLink>
      <button type="button" className="palette-field" onClick={openPalette}>
        <span>Go to appliance, tenant, port, command…</span>
        <kbd>Ctrl K</kbd>
      </button>
      <span className="grow" />
      {about?.lab ? (
        <span className="chip" data-tone="accent" title="These appliances belong to Sallyport’s built-in lab">
          lab
        </span>
      ) : null}
      {about === undefined ? null : (
        <span className="chip">
          operator <b className="clip operator">{about.operator}</b> · role {about.role}
        </span>
      )}
      <span
        className="chip"
        data-tone={connection.state === 'connected' ? 'ok' : 'unknown'}
        title="The page talks only to its own console. Only SSH to your appliances leaves this computer."
      >
        <i
          className="dot"
          data-tone={connection.state === 'connected' ? 'ok' : 'unknown'}
          aria-hidden="true"
        />
        No outbound connections
      </span>
      <PartBoundary part="The bell">
        <NotificationBell />
      </PartBoundary>
      <SignOutButton />
    </header>
  );
}
