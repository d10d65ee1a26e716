/** What Podman's libpod endpoints say, as far as we read it: checked once here, trusted behind. */

import { z } from 'zod';

/** An item of `GET /containers/json`. */
export const listed = z.object({
  Id: z.string(),
  Names: z.array(z.string()),
  Image: z.string(),
  Labels: z
    .record(z.string(), z.string())
    .nullish()
    .transform((labels) => labels ?? {}),
  Networks: z
    .array(z.string())
    .nullish()
    .transform((names) => names ?? []),
  State: z.string(),
  Pid: z.number(),
  ExitCode: z.number(),
  /** Seconds since 1970. */
  ExitedAt: z.number(),
  StartedAt: z.number(),
});

export type Listed = z.infer<typeof listed>;

/** `GET /containers/{name}/json`. */
export const inspected = z.object({
  Id: z.string(),
  State: z.object({
    Status: z.string(),
    Pid: z.number(),
    /** Of its monitor, which notes how it ends. */
    ConmonPid: z.number().optional(),
    OOMKilled: z.boolean(),
    ExitCode: z.number(),
    CgroupPath: z.string().optional(),
  }),
  NetworkSettings: z.object({ SandboxKey: z.string().nullish() }),
  HostConfig: z.object({
    LogConfig: z.object({ Path: z.string().nullish() }),
    /** `0:1073741824:65536` */
    IDMappings: z.object({ UidMap: z.array(z.string()).nullish() }).nullish(),
  }),
  /** Of the overlay driver. */
  GraphDriver: z.object({ Data: z.object({ UpperDir: z.string().optional() }).nullish() }).nullish(),
  Config: z.object({
    Env: z
      .array(z.string())
      .nullish()
      .transform((lines) => lines ?? []),
  }),
  OCIRuntime: z.string().nullish(),
  /** Absent before the first start. */
  OCIConfigPath: z.string().nullish(),
});

/** A container's config.json. */
export const ociConfig = z.object({ process: z.record(z.string(), z.unknown()) });

export const network = z.object({
  name: z.string(),
  network_interface: z.string().optional(),
  subnets: z
    .array(z.object({ subnet: z.string() }))
    .nullish()
    .transform((subnets) => subnets ?? []),
  options: z
    .record(z.string(), z.string())
    .nullish()
    .transform((options) => options ?? {}),
  labels: z
    .record(z.string(), z.string())
    .nullish()
    .transform((labels) => labels ?? {}),
});

export const info = z.object({
  host: z.object({
    cgroupVersion: z.string().optional(),
    networkBackend: z.string().optional(),
    ociRuntime: z.object({ name: z.string() }),
  }),
  version: z.object({ Version: z.string() }),
});

export const created = z.object({ Id: z.string() });
export const volume = z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullish() });
export const pullStep = z.object({ id: z.string().optional(), error: z.string().optional(), message: z.string().optional() });
export const execSession = z.object({ Running: z.boolean(), ExitCode: z.number(), Pid: z.number() });
export const refusal = z.object({ message: z.string() });
