/** Whose fault a failed request is: an engine that is not there says nothing of the container that it was asked about. */

import { hasCode } from '../kit/errors.ts';

/** Nobody listens on its socket, or its supervisor cannot start it. */
export function isEngineAbsent(error: unknown): boolean {
  return hasCode(error, 'engines/unreachable') || hasCode(error, 'host/service-failed');
}
