/**
 * Fleets up to this size have their logs followed while somebody watches them, so that the fleet page tells how lively
 * each one is. Of a larger fleet, only the logs that somebody reads are: a hundred tails are no light load for a link.
 */
const maxFollowed = 20;

/** Follows every appliance's log until the returned function is called; takes in those added meanwhile. */
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
