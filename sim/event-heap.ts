/** What is to happen, earliest first; what was put in first comes first where two are due together. */
export interface EventHeap<Event> {
  put(at: number, event: Event): void;
  /** When the next one is due; infinity when there is none. */
  nextAt(): number;
  take(): Event | undefined;
  size(): number;
}

/** Three arrays side by side instead of one of objects: a scan of 10⁹ probes puts half a million events in. */
export function makeEventHeap<Event>(): EventHeap<Event> {
  const times: number[] = [];
  const orders: number[] = [];
  const events: Event[] = [];
  let order = 0;

  const earlier = (at: number, atOrder: number, place: number): boolean => {
    const time = times[place] ?? Number.POSITIVE_INFINITY;
    return at < time || (at === time && atOrder < (orders[place] ?? 0));
  };
  const set = (place: number, at: number, atOrder: number, event: Event): void => {
    times[place] = at;
    orders[place] = atOrder;
    events[place] = event;
  };
  const move = (from: number, to: number): void => set(to, times[from] ?? 0, orders[from] ?? 0, events[from] as Event);

  /** Puts the event at `place`, or below it where something there is earlier. */
  function sink(at: number, atOrder: number, event: Event): void {
    const { length } = times;
    let place = 0;
    for (let child = 1; child < length; child = 2 * place + 1) {
      const right = child + 1;
      if (right < length && earlier(times[right] ?? 0, orders[right] ?? 0, child)) child = right;
      if (earlier(at, atOrder, child)) break;
      move(child, place);
      place = child;
    }
    set(place, at, atOrder, event);
  }

  return {
    put(at, event) {
      const mine = order++;
      let place = times.length;
      for (let parent = (place - 1) >> 1; place > 0 && earlier(at, mine, parent); parent = (place - 1) >> 1) {
        move(parent, place);
        place = parent;
      }
      set(place, at, mine, event);
    },
    nextAt: () => times[0] ?? Number.POSITIVE_INFINITY,
    take() {
      const [first] = events;
      const [at, atOrder, last] = [times.pop(), orders.pop(), events.pop()];
      if (at !== undefined && times.length > 0) sink(at, atOrder ?? 0, last as Event);
      return first;
    },
    size: () => times.length,
  };
}
