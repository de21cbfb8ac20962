import type { ProxyReply } from './proxy.ts';

/**
 * What one probe met, before anyone judges it. Only `classify` turns this into a state.
 * `errno` is the operating system's own name for a failure ("ECONNREFUSED"), passed on unread.
 */
export type Outcome =
  | { readonly kind: 'accepted' }
  /** The socket reached itself: same address and port on both ends. It says nothing about the target. */
  | { readonly kind: 'self-connected' }
  | { readonly kind: 'replied'; readonly bytes: Uint8Array }
  | { readonly kind: 'errno'; readonly errno: string }
  /** `connect` or `send` itself failed: nothing has left this machine. */
  | { readonly kind: 'not-sent'; readonly errno: string }
  /** The word of a proxy; `errno` where the way to it, or from it, failed. */
  | { readonly kind: 'proxy'; readonly reply: ProxyReply; readonly errno: string | null }
  | { readonly kind: 'silent' };
