import { ascii, bytes, u8, u16 } from './bytes.ts';

/** ASN.1 in the basic and distinguished encodings (ITU-T X.690), as far as SNMP, LDAP and Kerberos questions need it. */

/** Tag, length, contents (X.690 sections 8.1.2 to 8.1.4); lengths of 128 and more in the long form. */
export function tlv(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = bytes(...contents);
  return bytes([tag], lengthOf(content.length), content);
}

function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return u8(length);
  return length < 0x100 ? bytes([0x81, length]) : bytes([0x82], u16(length));
}

export const sequence = (...members: readonly Uint8Array[]): Uint8Array => tlv(0x30, ...members);

/** A whole number from 0 to 2³¹ − 1, in as few bytes as its sign bit allows. */
export function integer(value: number): Uint8Array {
  const digits = [value & 0xff];
  for (let rest = value >>> 8; rest > 0; rest >>>= 8) digits.unshift(rest & 0xff);
  return tlv(0x02, bytes((digits[0] ?? 0) >= 0x80 ? [0] : [], digits));
}

export const octets = (text: string): Uint8Array => tlv(0x04, ascii(text));
