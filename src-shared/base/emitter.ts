/** Listeners of one kind of event. They are called in the order in which they were added. */
export function createEmitter<Event extends unknown[] = []>() {
  const listeners = new Set<(...event: Event) => void>();
  return {
    emit: (...event: Event): void => {
      for (const listener of listeners) listener(...event);
    },
    /** Returns the function that removes `listener`. A listener that is added twice is called once. */
    on: (listener: (...event: Event) => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isEmpty: (): boolean => listeners.size === 0,
  };
}
