/** Numbers as people read them. Pure. */

export const NONE = '–';

export function ms(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)} s`;
}

export function rate(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  if (value === 0) return '0/s';
  return value < 10 ? `${value.toFixed(value < 1 ? 2 : 1)}/s` : `${Math.round(value)}/s`;
}

/** A share of 1. Never rounded up to all, never down to none. */
export function percent(value: number | null | undefined, digits = 1): string {
  if (value === null || value === undefined) return NONE;
  if (value === 0 || value === 1) return `${value * 100} %`;
  const step = 10 ** -digits;
  const shown = Math.min(Math.max(value * 100, step), 100 - step);
  return `${shown.toFixed(digits)} %`;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  let [rest, unit] = [value, 0];
  while (rest >= 1000 && unit < UNITS.length - 1) [rest, unit] = [rest / 1024, unit + 1];
  return `${rest < 10 && unit > 0 ? rest.toFixed(1) : Math.round(rest)} ${UNITS[unit] ?? ''}`;
}

export function count(value: number): string {
  return new Intl.NumberFormat('en').format(value).replaceAll(',', '\u2009');
}

/** `a1b2c3d`, or what a tree without a commit is called. */
export function commit(value: string | null): string {
  if (value === null) return NONE;
  return value.startsWith('content:') ? `content ${value.slice(-64, -57)}` : value.slice(0, 7);
}

/** `1 job`, `2 jobs`. */
export function plural(number: number, word: string): string {
  return `${count(number)} ${word}${number === 1 ? '' : 's'}`;
}
