import { places } from '../../../state/places.ts';
import { EmptyState } from '../../../ui/feedback/States.tsx';
import { PageHead } from '../../../ui/layout/Page.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';

/** Shown if the address names an unknown appliance. */
export function NoSuchAppliance({ name }: { name: string }) {
  return (
    <>
      <PageHead title={name} />
      <EmptyState
        title="No such appliance"
        action={<PlaceLink to={places.fleet()}>Go to the fleet</PlaceLink>}
      >
        There is no appliance called {name}.
      </EmptyState>
    </>
  );
}
