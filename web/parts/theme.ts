import { effect, signal } from '@preact/signals';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const KEY = 'portfleet-theme';

/** What the switch says; `auto` follows the system. */
export const theme = signal<Theme>(THEMES.find((each) => each === localStorage.getItem(KEY)) ?? 'auto');

const system = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(system.matches);
system.addEventListener('change', () => {
  systemIsDark.value = system.matches;
});

/** Rises with every change of colours, so that a canvas can repaint in the new ones. */
export const colours = signal(0);

effect(() => {
  const auto = systemIsDark.value ? 'dark' : 'light';
  document.documentElement.dataset['theme'] = theme.value === 'auto' ? auto : theme.value;
  localStorage.setItem(KEY, theme.value);
  colours.value = colours.peek() + 1;
});

export function cycleTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'auto';
}
