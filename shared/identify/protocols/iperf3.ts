import { LIKELY, type Matcher, SURE } from './kit/matcher.ts';
import { textQuestion } from './kit/words.ts';

/**
 * 37 bytes are a cookie, whatever they are, and an HTTP request begins with as many: the server goes on to the state
 * PARAM_EXCHANGE (9), or says that another test runs (-1).
 */
const STATES = ['\x09', '\xff'];

export const iperf3: Matcher = {
  name: 'iperf3',
  source: 'iperf3 src/iperf_api.h (states) and iperf_server_api.c (cookie)',
  ports: [5201],
  tlsPorts: [],
  question: textQuestion('iperf3', `portfleet${'x'.repeat(27)}\0`),
  match({ text, asked, sent }) {
    if (sent.length < 37 || !STATES.includes(text)) return null;
    return { name: 'iperf3', product: 'iperf3', confidence: asked === 'iperf3' ? SURE : LIKELY };
  },
};
