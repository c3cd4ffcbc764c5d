import styles from '../fanOut.module.css';

/** Marks an appliance as production. */
export function ProductionTag() {
  return (
    <span className={styles.production} title="production">
      prod
    </span>
  );
}
