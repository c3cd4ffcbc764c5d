import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { applianceColours } from '../../../../src-shared/model/appliance/tags.ts';
import { places } from '../../../state/places.ts';
import { Icon } from '../../../ui/layout/Icon.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import styles from '../fleet.module.css';
import text from '../../../ui/text/text.module.css';

type Marked = Pick<ApplianceEntry, 'name' | 'colour' | 'tags' | 'locked'>;

/** Returns the colour, the lock and the tags of an appliance as words. */
export function listMarks({ colour, tags, locked }: Omit<Marked, 'name'>): string[] {
  const { mark } = applianceColours[colour];
  return [...(mark === null ? [] : [mark]), ...(locked ? ['read-only'] : []), ...tags];
}

/** The colour as a bar beside the name. Screen readers get it from the marks. */
export function ColourEdge({ entry }: { entry: Marked }) {
  if (entry.colour === 'none') return null;
  return (
    <span
      className={styles.edge}
      data-colour={entry.colour}
      title={applianceColours[entry.colour].mark ?? ''}
      aria-hidden="true"
    />
  );
}

/** The title lists all tags. */
const shownTags = 2;

/** Colour, lock and tags. A tag links to all appliances with that tag. */
export function ApplianceMarks({ entry }: { entry: Marked }) {
  const { mark } = applianceColours[entry.colour];
  return (
    <span className={styles.marks} title={listMarks(entry).join(', ')}>
      {mark === null ? null : (
        <span className={styles.mark} data-colour={entry.colour}>
          {mark}
        </span>
      )}
      {entry.locked ? (
        <span
          className={`${styles.mark} ${styles.lock}`}
          data-colour="blue"
          title="Changes to its tenants are refused until an admin unlocks the appliance"
        >
          <Icon name="lock" size={11} /> read-only
        </span>
      ) : null}
      {entry.tags.slice(0, shownTags).map((tag) => (
        <PlaceLink key={tag} to={places.fleet({ tag })} className={styles.mark} label={`Tag ${tag}`}>
          {tag}
        </PlaceLink>
      ))}
      {entry.tags.length > shownTags ? (
        <span className={text.sub}>+{entry.tags.length - shownTags}</span>
      ) : null}
    </span>
  );
}
