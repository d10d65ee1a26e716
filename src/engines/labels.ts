/** The labels that every container of ours carries: what an engine knows of us when all else is lost. */

export const LABELS = {
  instance: 'antler.instance',
  app: 'antler.app',
  environment: 'antler.environment',
  service: 'antler.service',
  release: 'antler.release',
  replica: 'antler.replica',
  generation: 'antler.generation',
  /** `job`: of a workflow's run, and of no environment. */
  kind: 'antler.kind',
  run: 'antler.run',
  job: 'antler.job',
  /** Fixed bridge address, so that a list of containers says it without a look into each. */
  address: 'antler.address',
  /** `true`: its port of the bridge is isolated at each start. */
  alone: 'antler.alone',
  /** Digest of the whole spec; another digest is another container. */
  spec: 'antler.spec',
} as const;
