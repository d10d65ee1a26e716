/** Durations (`30s`, `1m`, `2h`) and sizes (`256M`, `1G`) as people write them. */

import bytes from 'bytes';
import ms from 'ms';

const DURATION = /^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/;
const SIZE = /^\d+(?:\.\d+)?(?:K|M|G|T|Ki|Mi|Gi|Ti|KB|MB|GB|TB)?$/;

/** Milliseconds of `30s`; undefined where it is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  return ms(text as ms.StringValue);
}

/** Bytes of `256M` (powers of 1024, as every container tool means them); undefined where it is not a size. */
export function parseSize(text: string): number | undefined {
  if (!SIZE.test(text)) return undefined;
  const unit = text.replace(/i?B?$/, '');
  return bytes.parse(/[KMGT]$/.test(unit) ? `${unit}B` : unit) ?? undefined;
}

/** `1.5 MB` for people. */
export function formatSize(size: number): string {
  return bytes.format(size, { unitSeparator: ' ', decimalPlaces: 1 }) ?? String(size);
}

/** `240 ms`, `12.3 s`, `4 min 5 s` for people. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
