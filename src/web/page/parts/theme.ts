/** Light, dark, or as the system: three states of one button. */

import { signal } from '@preact/signals';

const STATES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof STATES)[number];

export const theme = signal<Theme>(STATES.find((each) => each === localStorage.getItem('antler-theme')) ?? 'auto');

export function switchTheme(): void {
  theme.value = STATES[(STATES.indexOf(theme.value) + 1) % STATES.length] ?? 'auto';
  if (theme.value === 'auto') {
    localStorage.removeItem('antler-theme');
    delete document.documentElement.dataset['theme'];
  } else {
    localStorage.setItem('antler-theme', theme.value);
    document.documentElement.dataset['theme'] = theme.value;
  }
}
