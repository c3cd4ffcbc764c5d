/**
 * The logs of fleets up to this size are followed while a page shows them, so that the fleet page shows how busy
 * each one is. Of a larger fleet only logs that are open are followed: a hundred tails are a heavy load for a link.
 */
const maxFollowed = 20;

/** Follows every appliance's log until the returned function is called; includes appliances that are added later. */
export function followFleet(options: {
  applianceIds: () => readonly string[];
  onChange: (listener: () => void) => () => void;
  /** Keeps one log followed until released. */
  follow: (applianceId: string) => () => void;
}): () => void {
  const releases = new Map<string, () => void>();
  const match = () => {
    const ids = options.applianceIds();
    const wanted = new Set(ids.length > maxFollowed ? [] : ids);
    for (const [id, release] of releases) {
      if (wanted.has(id)) continue;
      releases.delete(id);
      release();
    }
    for (const id of wanted) if (!releases.has(id)) releases.set(id, options.follow(id));
  };
  const stopListening = options.onChange(match);
  match();
  return () => {
    stopListening();
    for (const release of releases.values()) release();
    releases.clear();
  };
}
