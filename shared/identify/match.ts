import { latin1 } from '../domain/bytes.ts';
import type { PortNumber } from '../domain/units.ts';
import { RECOGNISERS } from './protocols/all.ts';
import type { Recogniser, Recognition } from './protocols/kit/matcher.ts';

/** What all recognisers together make of an answer: the surest, and where to ask on if any of them knows. */
export interface Opinion {
  readonly best: Recognition;
  readonly next: Recognition['next'];
}

/**
 * Lets every recogniser look. Of those that are equally sure, one that is usual on the port is believed, and then the
 * first of the table.
 */
export function recognise(bytes: Uint8Array, asked: string | null, port: PortNumber): Opinion | null {
  const heard = { bytes, text: latin1(bytes), asked };
  const found = RECOGNISERS.flatMap((recogniser) => {
    const recognition = recogniser.recognise(heard);
    return recognition === null ? [] : [{ recognition, usual: isUsual(recogniser, port) }];
  });
  // Sorting is stable: the order of the table stays among equals.
  found.sort((a, b) => b.recognition.confidence - a.recognition.confidence || Number(b.usual) - Number(a.usual));
  const [best] = found;
  if (best === undefined) return null;
  return { best: best.recognition, next: found.find(({ recognition }) => recognition.next)?.recognition.next };
}

const isUsual = ({ ports, tlsPorts }: Recogniser, port: PortNumber): boolean =>
  ports.includes(port) || tlsPorts.includes(port);
