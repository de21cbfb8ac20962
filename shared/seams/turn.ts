/** Of Node; a browser has only `setTimeout`, which is slower. */
const { setImmediate: soon = setTimeout } = globalThis as { setImmediate?: (resolve: () => void) => unknown };

/**
 * Lets the event loop turn once. A store on this machine answers without a turn, so that whoever reads all of a scan from
 * it would keep a server from everybody else until the end.
 */
export const turn = (): Promise<void> => new Promise((resolve) => void soon(resolve));
