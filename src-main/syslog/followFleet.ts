/**
 * A page that shows the fleet follows all logs of a fleet up to this size, to show how many lines each
 * appliance logs. In a larger fleet, only open logs are followed, because so many tails would be a heavy
 * load.
 */
const maxFollowed = 20;

/**
 * Follows the logs of all appliances, including those that are added later, until the returned function is
 * called.
 */
export function followFleet(options: {
  applianceIds: () => readonly string[];
  onChange: (listener: () => void) => () => void;
  /** No log is followed in a larger fleet; 20 by default. */
  limit?: number;
  /** Follows one log until the returned function is called. */
  follow: (applianceId: string) => () => void;
}): () => void {
  const releases = new Map<string, () => void>();
  const match = () => {
    const ids = options.applianceIds();
    const wanted = new Set(ids.length > (options.limit ?? maxFollowed) ? [] : ids);
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
