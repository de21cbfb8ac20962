import { bytesOfLatin1 } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

const DECLARATION = String.raw`^\s*(?:<\?xml[^>]{1,100}\?>\s*)?<stream:stream\b[^>]{0,400}`;

/** The namespace says whether clients or other servers are served (RFC 6120 section 4.8.2). */
const stream = (kind: 'client' | 'server'): RegExp => new RegExp(`${DECLARATION}xmlns=['"]jabber:${kind}['"]`);

/** What only one server says to an HTTP request, or to a stream without an address. */
const PRODUCTS: readonly (readonly [product: string, mark: RegExp])[] = [
  [
    'Prosody',
    /xmlns:stream='http:\/\/etherx\.jabber\.org\/streams'[^>]{0,300}><stream:error><(?:not-well-formed|bad-format|invalid-namespace|host-unknown)|<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>(?:This server does not serve|A stream header|Invalid opening stream header)/,
  ],
  ['ejabberd', /<stream:stream id='\d{15,20}' version='1\.0' xml:lang='en' xmlns:stream=|<hostname>ejabberd/],
  [
    'Openfire',
    /xmlns:stream="http:\/\/etherx\.jabber\.org\/streams"[^>]{0,200}from="[^"]*"[^>]{0,100}id="[0-9a-z]{8,12}"/,
  ],
];

/** Opens a stream to the host, whose features or error follow. */
const open = (host: string): string =>
  `<?xml version='1.0'?><stream:stream to='${host}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`;

export const xmpp: Matcher = {
  name: 'xmpp-client',
  source: 'RFC 6120, sections 4.2, 4.8 and 4.9; STARTTLS: section 5',
  ports: [5222, 5269],
  tlsPorts: [5223, 5270],
  question: { name: 'xmpp', bytes: (host) => bytesOfLatin1(open(host.slice(0, 100))) },
  startTls: [
    { say: open('%h'), ready: /urn:ietf:params:xml:ns:xmpp-tls/ },
    { say: "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", ready: /<proceed/ },
  ],
  match({ text }) {
    const kind = (['client', 'server'] as const).find((each) => stream(each).test(text));
    if (kind === undefined && !new RegExp(DECLARATION).test(text)) return null;
    const product = PRODUCTS.find(([, mark]) => mark.test(text))?.[0];
    const hostname = /^[^>]{0,300}>?[^>]{0,300}\bfrom=['"]([\w.-]{1,100})['"]/.exec(text)?.[1];
    return { name: kind === 'server' ? 'xmpp-server' : 'xmpp-client', product, hostname, confidence: SURE };
  },
};
