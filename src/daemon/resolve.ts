/** A service of a release in an environment, which has to be there. */

import { resolveService } from '../config/config.ts';
import type { AppSpec, ServiceSpec } from '../config/types.ts';
import { AntlerError } from '../kit/errors.ts';

export function resolve(spec: AppSpec, environment: string, name: string): ServiceSpec {
  const service = resolveService(spec, environment, name);
  if (service === undefined)
    throw new AntlerError('internal/bug', `Cannot resolve ${name} in ${environment} as the release has no such service`);
  return service;
}
