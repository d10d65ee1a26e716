/** The registry as a supervised process: its config file and its command line. Pure. */

export interface RegistryOptions {
  readonly port: number;
  /** Absolute folder for blobs. */
  readonly storageDir: string;
}

/**
 * JSON, which is YAML. Loopback only; deletion allowed, for retention.
 * No `cache`: with Debian's in-memory default a push after a garbage collection ended well and its manifest was 404.
 */
export function registryConfig(options: RegistryOptions): string {
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: options.storageDir },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: true, age: '24h', interval: '24h', dryrun: false } },
    },
    http: { addr: `127.0.0.1:${options.port}`, headers: { 'X-Content-Type-Options': ['nosniff'] } },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

export function registryCommand(configFile: string): readonly [string, ...string[]] {
  return ['/usr/bin/docker-registry', 'serve', configFile];
}

/** Go takes memory until it has twice of what it needs, and keeps it: a push would leave 15 MB for ever. It costs a tenth of its processor's time. */
export const REGISTRY_ENV: Readonly<Record<string, string>> = { GOGC: '25', GOMEMLIMIT: '24MiB' };
