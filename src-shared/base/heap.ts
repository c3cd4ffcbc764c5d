/** A queue that returns its items in the order of `compare`. */
export function createHeap<Item>(compare: (left: Item, right: Item) => number) {
  const items: Item[] = [];

  function isBefore(left: number, right: number): boolean {
    const [one, other] = [items[left], items[right]];
    return one !== undefined && other !== undefined && compare(one, other) < 0;
  }
  function swap(left: number, right: number): void {
    const [one, other] = [items[left], items[right]];
    if (one === undefined || other === undefined) return;
    items[left] = other;
    items[right] = one;
  }

  return {
    size: (): number => items.length,
    peek: (): Item | undefined => items[0],
    push: (item: Item): void => {
      let at = items.push(item) - 1;
      for (let parent = (at - 1) >> 1; at > 0 && isBefore(at, parent); parent = (at - 1) >> 1) {
        swap(at, parent);
        at = parent;
      }
    },
    pop: (): Item | undefined => {
      const [first] = items;
      swap(0, items.length - 1);
      items.pop();
      for (let at = 0; ;) {
        const left = 2 * at + 1;
        const child = isBefore(left + 1, left) ? left + 1 : left;
        if (!isBefore(child, at)) return first;
        swap(child, at);
        at = child;
      }
    },
  };
}
