import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** OP_REQ_DEVLIST, version 1.1.1: the list of exported devices, which a count begins. */
export const usbip: Matcher = {
  name: 'usbip',
  source: 'Linux Documentation/usb/usbip_protocol.rst, OP_REQ_DEVLIST',
  ports: [3240],
  tlsPorts: [],
  question: { name: 'usbip', bytes: () => bytesOfHex('01 11 80 05 00 00 00 00') },
  match({ bytes, text, asked }) {
    if (asked !== 'usbip' || !/^\x01[\x06-\x11]\0\x05\0\0\0[\0\x01]/.test(text)) return null;
    const count = bigEndian(bytes, 8, 4);
    return {
      name: 'usbip',
      product: 'USB/IP',
      info: count === undefined ? undefined : `devices exported: ${count}`,
      confidence: SURE,
    };
  },
};
