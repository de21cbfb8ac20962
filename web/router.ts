import { signal } from '@preact/signals';

/** Where the page is. Everything stands behind the "#", so that the server has one address to answer. */
export type PagePath =
  | { readonly at: 'scans' }
  | { readonly at: 'new'; readonly preset: string }
  | { readonly at: 'scan'; readonly id: string; readonly tab: ScanTab }
  | { readonly at: 'changes'; readonly from: string | null; readonly to: string | null }
  | { readonly at: 'watches'; readonly chosen: string | null }
  | { readonly at: 'nowhere' };

export const SCAN_TABS = ['findings', 'map', 'hosts', 'about'] as const;
export type ScanTab = (typeof SCAN_TABS)[number];

const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

export function parsePath(hash: string): PagePath {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [first = '', second = '', third = ''] = path.split('/');
  const words = new URLSearchParams(query);
  switch (first) {
    case '':
    case 'scans':
      return { at: 'scans' };
    case 'new':
      return { at: 'new', preset: query };
    case 'scan':
      return ID.test(second)
        ? { at: 'scan', id: second, tab: SCAN_TABS.find((tab) => tab === third) ?? 'findings' }
        : { at: 'nowhere' };
    case 'changes':
      return { at: 'changes', from: words.get('from'), to: words.get('to') };
    case 'watches':
      return { at: 'watches', chosen: second === '' ? null : decoded(second) };
    default:
      return { at: 'nowhere' };
  }
}

/** A fragment that was cut off in the middle of a sign is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const place = signal<PagePath>(parsePath(location.hash));

addEventListener('hashchange', () => {
  place.value = parsePath(location.hash);
});

export function go(hash: string): void {
  location.hash = hash;
}
