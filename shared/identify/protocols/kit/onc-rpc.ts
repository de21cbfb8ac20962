import { bytes, u32, zeros } from './bytes.ts';

/** A call of procedure 0, which every program has and which does nothing (RFC 5531 sections 9 and 12.1). */
export const nullCall = (program: number, version: number): Uint8Array =>
  // xid, CALL, RPC version 2, program, version, procedure 0, no credential, no verifier
  bytes(u32(0x70666c31), u32(0), u32(2), u32(program), u32(version), u32(0), zeros(8), zeros(8));
