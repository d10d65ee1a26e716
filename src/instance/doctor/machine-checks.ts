/** Judges what was read of the machine: pure. */

import { formatSize } from '../../kit/units.ts';
import { DISK_FLOOR, MEMORY_FLOOR, type Fitness, type FitnessProblem } from '../preflight.ts';
import type { Finding } from './finding.ts';

export interface MachineReading {
  readonly fitness: Fitness;
  /** Bytes. */
  readonly available: number;
  readonly now: number;
  /** When the newest file of the running code was written: no clock may be behind that. */
  readonly codeTime: number;
  readonly synced: 'yes' | 'no' | 'unknown';
  /** Of `judgeFitness`, about ports. */
  readonly portProblems: readonly FitnessProblem[];
  /** Ports that were looked at. */
  readonly ports: readonly number[];
}

const HOUR = 3_600_000;

export function judgeMachine(reading: MachineReading): readonly Finding[] {
  return [system(reading), memory(reading), disk(reading), clock(reading), ...ports(reading)];
}

function system({ fitness: { system: name, debianLike } }: MachineReading): Finding {
  if (debianLike) return { check: 'system', state: 'ok', detail: name };
  return { check: 'system', state: 'todo', detail: `${name || 'unknown'}: Antler installs Debian packages`, hint: 'Use Debian 12 or 13' };
}

function memory({ fitness: { memory: total }, available }: MachineReading): Finding {
  const figures = `${formatSize(total)}, ${formatSize(available)} of it available`;
  if (total < MEMORY_FLOOR) {
    return {
      check: 'memory',
      state: 'todo',
      detail: `${figures}: ${formatSize(MEMORY_FLOOR)} are needed`,
      hint: 'Use a machine with 1 GB or more',
    };
  }
  if (available < MEMORY_FLOOR / 3) {
    return {
      check: 'memory',
      state: 'todo',
      detail: `${figures}: builds will be killed`,
      hint: 'See who uses it: `ps aux --sort=-rss | head`',
    };
  }
  return { check: 'memory', state: 'ok', detail: figures };
}

function disk({ fitness: { disk: free, home } }: MachineReading): Finding {
  const figures = `${formatSize(free)} free at ${home}`;
  if (free >= DISK_FLOOR) return { check: 'disk', state: 'ok', detail: figures };
  return {
    check: 'disk',
    state: 'todo',
    detail: `${figures}: the floor is ${formatSize(DISK_FLOOR)}`,
    hint: 'See what fills it: `du -xh / | sort -h | tail -20`; `apt-get clean` and `journalctl --vacuum-size=100M` are harmless',
  };
}

function clock({ now, codeTime, synced }: MachineReading): Finding {
  if (now < codeTime - HOUR) {
    const detail = `${new Date(now).toISOString()} lies before this program was written: downloads and certificates will fail`;
    return { check: 'clock', state: 'todo', detail, hint: 'Set it: `timedatectl set-ntp true`, or `date -s "YYYY-MM-DD HH:MM:SS"`' };
  }
  if (synced === 'no') {
    return { check: 'clock', state: 'note', detail: 'not synchronized with the network', hint: 'Type `timedatectl set-ntp true`' };
  }
  return { check: 'clock', state: 'ok', detail: new Date(now).toISOString() };
}

function ports({ portProblems, ports: looked }: MachineReading): readonly Finding[] {
  if (portProblems.length > 0) {
    return portProblems.map(({ at, message }) => ({
      check: 'ports',
      state: 'todo',
      detail: `${at} ${message}`,
      hint: `Stop that program, or change \`${at}\``,
    }));
  }
  if (looked.length === 0)
    return [
      { check: 'ports', state: 'note', detail: 'no config here, so none was looked at', hint: 'Type it in the folder of antler.config.ts' },
    ];
  return [{ check: 'ports', state: 'ok', detail: `${looked.join(', ')} are free or ours` }];
}
