import { Card } from '../../../ui/layout/Card.tsx';
import { useConsoleInfo } from '../../system/queries.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './trip.module.css';
import textStyles from '../../../ui/text/text.module.css';

const nextThere = {
  request: 'choose the file there and download the licence',
  receipt: 'and choose the file there. The vendor then knows what is installed',
} as const;

/** In the lab: where the vendor is, so that a renewal can be tried to its end. */
export function LabVendor({ type }: { type: keyof typeof nextThere }) {
  const address = useConsoleInfo().data?.labAuthority ?? null;
  if (address === null) return null;
  return (
    <Card label="The lab’s vendor">
      <div className={layout.stack}>
        <p>
          <b>This is the lab, and its vendor answers at once.</b> Save the file above, open{' '}
          <a href={address} target="_blank" rel="noreferrer" className={styles.linkInText}>
            the vendor’s upload page
          </a>
          , {nextThere[type]}.
        </p>
        <p className={textStyles.sub}>
          The browser warns about the page’s certificate, because the lab made it. Continue there.
        </p>
      </div>
    </Card>
  );
}
