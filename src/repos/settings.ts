/** The settings of a bare repository, each with its reason. The whole file is ours and is written anew. Pure. */

/** Refs of ours: nobody sees or pushes them. */
export const INTERNAL_REFS = 'refs/antler';

/** Harmless flaws that old histories are full of: warned of, not refused. */
const OLD_FLAWS = ['badTimezone', 'missingSpaceBeforeDate', 'zeroPaddedFilemode', 'missingSpaceBeforeEmail'].map(
  (flaw) => `${flaw} = warn`,
);

const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  core: [
    'repositoryFormatVersion = 0',
    'fileMode = true',
    'bare = true',
    // Files above this are streamed to disk, not held in memory.
    'bigFileThreshold = 32m',
    'packedGitLimit = 128m',
  ],
  receive: [
    // A push may be evil: every object is looked at before it counts.
    'fsckObjects = true',
    // One pack a push instead of a thousand small files: SD cards.
    'unpackLimit = 1',
    // What a person asks for with --force is done, as on GitHub; only the branch that HEAD names stays.
    'denyNonFastForwards = false',
    'denyDeletes = false',
    'denyDeleteCurrent = refuse',
    // Half a history would break merge bases and full checkouts.
    'shallowUpdate = false',
    // Pull requests: `refs/for/BASE/TOPIC` is ours to store; `refs/pull/*` nobody pushes.
    'procReceiveRefs = refs/for',
    'hideRefs = refs/pull',
    'advertisePushOptions = true',
    'autogc = true',
  ],
  'receive "fsck"': OLD_FLAWS,
  fsck: OLD_FLAWS,
  transfer: [`hideRefs = ${INTERNAL_REFS}`],
  // A checkout asks for the commit that its run is about, also where its branch has moved on.
  uploadpack: ['allowAnySHA1InWant = true'],
  gc: [
    'auto = 0',
    'autoPackLimit = 40',
    // For so long a run of a branch that is gone can be run again.
    'pruneExpire = 30.days.ago',
  ],
  // What packing may take of a small machine.
  pack: ['threads = 1', 'windowMemory = 64m', 'deltaCacheSize = 32m'],
};

export function repositoryConfig(): string {
  return Object.entries(SECTIONS)
    .map(([name, lines]) => `[${name}]\n${lines.map((line) => `\t${line}\n`).join('')}`)
    .join('');
}
