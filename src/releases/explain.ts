/** Says why a container did not come up: exit, check, the likely cause and what to type. Pure. */

import type { ExitReason } from '../engines/types.ts';
import { formatSize } from '../kit/units.ts';

export interface Symptom {
  readonly environment: string;
  readonly service: string;
  readonly port: number;
  readonly path: string;
  readonly memory: number;
  readonly exit?: { readonly code: number; readonly reason: ExitReason };
  /** The last thing the edge's check said. */
  readonly check?: string;
  readonly lines: readonly string[];
}

export interface Explanation {
  readonly what: string;
  readonly hint: string;
}

export function explain(symptom: Symptom): Explanation {
  const { service, port, path, exit, check = '' } = symptom;
  const logs = `Type \`antler logs ${symptom.environment} ${service}\``;
  if (exit?.reason === 'oom') {
    return {
      what: `${service} used more than its ${formatSize(symptom.memory)} of memory and was killed`,
      hint: `Raise \`services.${service}.memory\` in antler.config.ts, or make it use less`,
    };
  }
  if (exit !== undefined) {
    if (exit.code === 127 || exit.code === 126) {
      return {
        what: `${service} ended with ${exit.code}: its command was not found or may not be run`,
        hint: 'Look at CMD and ENTRYPOINT in the Dockerfile',
      };
    }
    if (symptom.lines.some((line) => /EADDRINUSE|address already in use/i.test(line))) {
      return { what: `${service} ended with ${exit.code} as its port was in use inside the container`, hint: logs };
    }
    if (symptom.lines.some((line) => /EROFS|read-only file system/i.test(line))) {
      return {
        what: `${service} ended with ${exit.code} as it writes where it may not`,
        hint: `Write to /tmp or a volume, or take \`hardened\` from \`services.${service}\``,
      };
    }
    return { what: `${service} ended with ${exit.code} before it was ready`, hint: `${logs}, mend it, then \`antler build\`` };
  }
  if (check.startsWith('L4CON') || check.startsWith('L4TOUT')) {
    return {
      what: `nothing in ${service} listens on port ${port}`,
      hint: `Let it listen on 0.0.0.0:${port}, not on localhost; or set \`services.${service}.port\``,
    };
  }
  if (check.startsWith('L7STS')) {
    return {
      what: `${service} answers ${path} with ${check.split('/')[1] ?? 'an error'}`,
      hint: `Let ${path} answer 200 when it is ready, or set \`services.${service}.health.path\``,
    };
  }
  if (check.startsWith('L7TOUT'))
    return { what: `${service} takes too long to answer ${path}`, hint: `Raise \`services.${service}.health.timeout\`, or answer faster` };
  return { what: `${service} never passed its check of ${path}${check === '' ? '' : ` (${check})`}`, hint: logs };
}
