/** What the workers of a fleet have used on chunks: what their owner is billed for. */
export interface Usage {
  /** Invocations of workers that came to their end. */
  readonly deliveries: number;
  /** Chunks that ended in one of them. */
  readonly ended: number;
  /** How long the functions ran, their start included. */
  readonly millis: number;
  /** Write units of the table, as DynamoDB counted them. */
  readonly writeUnits: number;
}

export const NO_USAGE: Usage = { deliveries: 0, ended: 0, millis: 0, writeUnits: 0 };

export const addUsage = (a: Usage, b: Usage): Usage => ({
  deliveries: a.deliveries + b.deliveries,
  ended: a.ended + b.ended,
  millis: a.millis + b.millis,
  writeUnits: a.writeUnits + b.writeUnits,
});
