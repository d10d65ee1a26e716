/** What every process of a job begins with. Pure. */

export interface JobEnvOptions {
  /** The image's own, with what the workflow's `container.env` adds. */
  readonly image: Readonly<Record<string, string>>;
  /** How package managers reach their mirrors as the machine does. */
  readonly reach: Readonly<Record<string, string>>;
  readonly proxies: Readonly<Record<string, string>>;
  readonly home: string;
  /** Where the program lies within. */
  readonly program: string;
  /** The run's socket within. */
  readonly socket?: string;
  readonly debian: boolean;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'];
/** The engine's, of no use to steps. */
const ENGINES = new Set(['container', 'HOSTNAME', 'TERM', 'HOME']);

export function jobEnv(options: JobEnvOptions): Readonly<Record<string, string>> {
  const image = Object.fromEntries(Object.entries(options.image).filter(([name]) => !ENGINES.has(name)));
  return {
    LANG: 'C.UTF-8',
    ...(options.debian ? { DEBIAN_FRONTEND: 'noninteractive' } : {}),
    ...options.proxies,
    ...options.reach,
    ...image,
    // The image's own programs win; ours are for images without them.
    PATH: `${image['PATH'] ?? PATH}:${options.program}:${options.program}/bin`,
    HOME: options.home,
    ...(options.socket === undefined ? {} : { ANTLER_SOCKET: options.socket }),
  };
}

/** Proxy settings out of the daemon's environment, in both spellings. */
export function proxies(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const names = PROXIES.flatMap((name) => [name, name.toUpperCase()]);
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
