import { type Matcher, SURE } from './kit/matcher.ts';

/** Status 0 (an error), then the SQLSTATE in UTF-16: 90047, "Version mismatch, driver version is …". */
const MISMATCH = /^\0\0\0\0\0\0\0\x05\x009\x000\x000\x004\x007\0\0/;

export const h2: Matcher = {
  name: 'h2',
  source: 'H2 database, org.h2.server.TcpServerThread and ErrorCode.DRIVER_VERSION_ERROR_2',
  ports: [9092],
  tlsPorts: [],
  question: null,
  match({ text }) {
    if (!MISMATCH.test(text)) return null;
    // The message ends with the version of the server's driver: `…"expected: 17 - 20"`, and a stack trace with its build.
    const plain = text.replaceAll('\0', '');
    const version = /\[90047-(\d{2,4})\]/.exec(plain)?.[1];
    return { name: 'h2', product: 'H2 database', info: version && `build ${version}`, confidence: SURE };
  },
};
