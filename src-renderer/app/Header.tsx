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
      <PlaceLink to={places.fleet()} className="brand" label="Sallyport, to the fleet">
        <b aria-hidden="true">▚</b> Sallyport
      </PlaceLink>
      <button type="button" className="palette-field" onClick={openPalette}>
        <span>Go to appliance, tenant, port, command…</span>
        <kbd>Ctrl K</kbd>
      </button>
      <span className="grow" />
      {about?.lab ? (
        <span
          className="chip"
          data-tone="accent"
          title="These appliances are the lab that comes with Sallyport"
        >
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
        title="This page asks its own console only; nothing leaves this computer but SSH to your appliances"
      >
        <i
          className="dot"
          data-tone={connection.state === 'connected' ? 'ok' : 'unknown'}
          aria-hidden="true"
        />
        egress: none
      </span>
      <PartBoundary part="The bell">
        <NotificationBell />
      </PartBoundary>
      <SignOutButton />
    </header>
  );
}
