import { ascii, bytes, counted, u8, u16 } from './bytes.ts';

export interface DnsQuestion {
  readonly id: number;
  /** The second 16 bits of the header (RFC 1035 section 4.1.1): 0x0100 asks for recursion. */
  readonly flags: number;
  /** Dotted; "" is the root. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

/** A DNS message with one question (RFC 1035 sections 4.1.1 and 4.1.2). */
export function dnsQuestion({ id, flags, name, type, class: klass }: DnsQuestion): Uint8Array {
  const labels = name.split('.').filter((label) => label !== '');
  const encoded = labels.map((label) => counted(u8, ascii(label)));
  return bytes(u16(id), u16(flags), u16(1), u16(0), u16(0), u16(0), ...encoded, [0], u16(type), u16(klass));
}
