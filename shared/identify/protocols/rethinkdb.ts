import { textQuestion, wordsMatcher } from './kit/words.ts';

/** The magic number of version 1.0 of the protocol; the server then introduces itself, before any login. */
export const rethinkdb = wordsMatcher({
  name: 'rethinkdb',
  source: 'RethinkDB, "Writing RethinkDB drivers": handshake V1_0',
  ports: [28_015],
  question: textQuestion('rethinkdb', '\xc3\xbd\xc2\x34'),
  words: [
    {
      after: 'any',
      pattern: /^\{"max_protocol_version":\d,"min_protocol_version":\d,"server_version":"(?<version>\d[\w.]{0,20})/,
      is: { product: 'RethinkDB' },
    },
    {
      after: 'any',
      pattern: /^ERROR: (?:Received an unsupported protocol version|This is the rdb protocol port)/,
      is: { product: 'RethinkDB' },
    },
  ],
});
