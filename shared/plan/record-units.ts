/** Bytes of a write unit of DynamoDB. */
export const WRITE_UNIT_BYTES = 1_024;

/**
 * Bytes of a chunk's coverage record: its keys, counts and tally, and the deflated verdicts. Half-way through, the
 * shuffled verdicts are as hard to pack as they get; at the end runs are long. A test weighs real records against both.
 */
const RECORD_BYTES = 240;
const BYTES_A_PROBE_HALFWAY = 0.28;
const BYTES_A_PROBE_AT_THE_END = 0.145;

const unitsOf = (bytes: number): number => Math.ceil(bytes / WRITE_UNIT_BYTES);

/** Write units of a checkpoint of a chunk with so many probes, and of its last record. */
export const checkpointUnits = (probes: number): number => unitsOf(RECORD_BYTES + probes * BYTES_A_PROBE_HALFWAY);
export const recordUnits = (probes: number): number => unitsOf(RECORD_BYTES + probes * BYTES_A_PROBE_AT_THE_END);
