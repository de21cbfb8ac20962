import { computed, signal } from '@preact/signals';

/** The version that this page was built with; see index.html. */
const PAGE = document.querySelector<HTMLMetaElement>('meta[name=version]')?.content ?? '';

/** Of the server of this machine, and of whatever answers the API: the same server, or a fleet behind it. */
const server = signal(PAGE);
const api = signal(PAGE);

/** Every answer says by which version it was made. */
export function noteVersions(headers: Headers): void {
  server.value = headers.get('portfleet-page') ?? server.value;
  api.value = headers.get('portfleet-version') ?? api.value;
}

/**
 * `page`: the server was replaced while this page stood open. `fleet-newer`, `fleet-older`: the fleet was deployed by
 * another version than that of this machine.
 */
export interface VersionGap {
  readonly kind: 'page' | 'fleet-newer' | 'fleet-older';
  readonly page: string;
  readonly other: string;
}

export const versionGap = computed((): VersionGap | null => {
  if (server.value !== PAGE) return { kind: 'page', page: PAGE, other: server.value };
  const order = compareVersions(api.value, PAGE);
  if (order === 0) return null;
  return { kind: order > 0 ? 'fleet-newer' : 'fleet-older', page: PAGE, other: api.value };
});

/** By their three numbers. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(/[.+-]/).slice(0, 3).map(Number));
  for (const [at, number] of (left ?? []).entries()) {
    const step = number - (right?.[at] ?? 0);
    if (step !== 0) return step;
  }
  return 0;
}
