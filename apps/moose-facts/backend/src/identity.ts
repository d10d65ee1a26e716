/** Who this process is: told by the platform when it starts, never built in, so that one image serves every environment. */

export interface Identity {
  readonly app: string;
  readonly environment: string;
  readonly service: string;
  readonly release: string;
  readonly commit: string;
}

/** Run by hand, it says so instead of pretending. */
export function readIdentity(env: Readonly<Record<string, string | undefined>>): Identity {
  return {
    app: env.ANTLER_APP ?? 'moose-facts',
    environment: env.ANTLER_ENVIRONMENT ?? 'local',
    service: env.ANTLER_SERVICE ?? 'backend',
    release: env.ANTLER_RELEASE ?? 'none',
    commit: env.ANTLER_COMMIT ?? 'none',
  };
}
