/** A sum of rates that come and go, and the highest that it ever was. */
export interface RateMeter {
  change(place: number, by: number): void;
  /** The highest of any place. */
  peak(): number;
}

export function makeRateMeter(places: number): RateMeter {
  const rates = new Float64Array(places);
  let peak = 0;
  return {
    change(place, by) {
      const rate = (rates[place] ?? 0) + by;
      rates[place] = rate;
      if (rate > peak) peak = rate;
    },
    peak: () => peak,
  };
}

/** Counts what happens in each second of its places; time never goes back by more than the second it is in. */
export interface SecondMeter {
  count(place: number, at: number, by?: number): void;
  /** The most in one second of one place. */
  peak(): number;
}

export function makeSecondMeter(places: number): SecondMeter {
  const seconds = new Float64Array(places).fill(-1);
  const counts = new Float64Array(places);
  let peak = 0;
  return {
    count(place, at, by = 1) {
      const second = Math.floor(at);
      const count = (seconds[place] === second ? (counts[place] ?? 0) : 0) + by;
      seconds[place] = second;
      counts[place] = count;
      if (count > peak) peak = count;
    },
    peak: () => peak,
  };
}
