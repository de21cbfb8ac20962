import type { Fact } from '../domain/watch-alert.ts';
import { printable } from '../report/formats/printable.ts';
import { serviceWords } from './open-spans.ts';

/** A fact in a few words, for a list of alerts. */
export function factWords(fact: Fact): string {
  switch (fact.kind) {
    case 'port':
      if (fact.state === 'shut') return 'not open';
      return fact.service ? `open, ${printable(serviceWords(fact.service))}` : 'open';
    case 'host':
      return fact.state === 'up' ? 'answers' : 'does not answer';
    case 'certificate':
      return fact.state === 'fine' ? 'certificate holds' : `certificate: ${fact.state.replace('-', ' ')}`;
    case 'expectation':
      return fact.state === 'met' ? 'as expected' : fact.state === 'missing' ? 'missing' : 'not expected';
    case 'probing':
      return fact.state === 'probed' ? 'can be probed' : `could not be probed (${printable(fact.cause)})`;
    default:
      return fact satisfies never;
  }
}
