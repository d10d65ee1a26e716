/** The one table of error codes: exit code, default hint (the next thing to type). `docs/reference/errors.md` is generated from it. */

export interface CodeEntry {
  /** Process exit code: 1 it failed · 2 something to do or wait for · 64 wrong use · 78 wrong config · 130 interrupted. */
  readonly exit: 1 | 2 | 64 | 78 | 130;
  /** When it happens, one sentence, for the reference page. */
  readonly when: string;
  /** The next thing to type. A thrower with more knowledge passes its own. */
  readonly hint: string;
}

const code = (exit: CodeEntry['exit'], when: string, hint: string): CodeEntry => ({ exit, when, hint });

export const CODES = {
  // kit
  'internal/bug': code(1, 'Antler met a state it does not know.', 'Please report this with the message and the output of `antler doctor`'),
  'kit/aborted': code(130, 'The work was interrupted.', 'Type the same command again: it goes on where it stopped'),
  'kit/exec-failed': code(1, 'A program that Antler called ended with an error.', 'Read its last lines above'),
  'kit/exec-missing': code(1, 'A program that Antler calls is not installed.', 'Type `antler host apply`'),
  'kit/timeout': code(1, 'Something took longer than its limit.', 'Type `antler doctor`'),

  // cli
  'cli/usage': code(64, 'A command, an option or a value that the command does not take.', 'Type `antler --help`'),
  'cli/npm-failed': code(
    1,
    'npm could not install Node and the libraries that package-lock.json names.',
    'Check the network and the npm registry, then type the same again',
  ),
  'cli/not-root': code(1, 'The command changes the machine, and there is neither root nor sudo.', 'Type it as root'),

  // config
  'config/missing': code(78, 'No antler.config.ts here or in a folder above.', 'Type `antler init`'),
  'config/invalid': code(
    78,
    'The config breaks the schema; every problem is listed with its key path.',
    'Mend the listed keys, then type `antler config check`',
  ),
  'config/threw': code(78, 'The config threw while it was evaluated.', 'Mend the line above, then type `antler config check`'),
  'config/timeout': code(78, 'The config did not end in time.', 'A config only describes: take loops and waiting out of it'),
  'config/memory': code(78, 'The config used more memory than it may.', 'A config only describes: keep it small'),
  'config/output': code(78, 'The config printed or returned more than it may.', 'A config only describes: take the printing out of it'),
  'config/denied': code(
    78,
    'The config tried what the sandbox refuses: other files, sockets, children, signals.',
    'A config only describes: hand values in as plain literals',
  ),
  'config/sandbox': code(1, 'The sandbox that evaluates the config could not be started.', 'Type `antler doctor`'),
  'config/exists': code(
    1,
    '`init` found a config and never overwrites one.',
    'Edit the file, or move it away and type `antler init` again',
  ),
  'config/nothing-found': code(1, '`init` found no Dockerfile.', 'Add a Dockerfile, then type `antler init` again'),

  // store
  'store/newer': code(1, 'The database was written by a newer Antler.', 'Use the newer Antler, or restore the backup beside the database'),
  'store/failed': code(1, 'The database refused a change.', 'Type `antler doctor` (disk and permissions of the home)'),

  // console
  'console/port-taken': code(
    1,
    'Another program listens on the console’s port.',
    'End the named program, or give `console: { port }` in antler.config.ts and type `antler up`',
  ),
  'console/no-pages': code(1, 'The console’s pages were not made when the program was installed.', 'Type `antler up`'),
  'console/signed-out': code(1, 'The browser’s session has ended, or there was none.', 'Type `antler console` and open what it prints'),
  'console/refused': code(
    1,
    'The console’s door refuses what other sites or strange clients ask.',
    'Type `antler console` and open what it prints',
  ),

  // host
  'host/unsupported': code(1, 'The machine is not a Debian-like system.', 'Use Debian 12 or 13'),
  'host/apt-failed': code(1, 'apt could not install a package.', 'Read its last lines above; type `apt-get update`, then again'),
  'host/apt-unreachable': code(
    1,
    'The package mirror cannot be reached.',
    'Check the network and /etc/apt/sources.list, then type the same again',
  ),
  'host/dpkg-locked': code(
    1,
    'Another program holds the dpkg lock for longer than we wait.',
    'Wait for the named program to end, then type the same again',
  ),
  'host/apply-failed': code(1, 'A change to the machine failed.', 'Mend the cause above, then type `antler host apply`'),
  'host/service-failed': code(1, 'A supervised service does not run.', 'Type `antler doctor`'),
  'host/disk-floor': code(
    1,
    'The disk has less free space than the floor.',
    'Free some space: `antler images ls` and `journalctl --vacuum-size=100M` are where to look first',
  ),

  // images
  'images/base-unknown': code(
    78,
    'A service names a base that is neither built in nor in the config.',
    'Add it under `bases` in antler.config.ts',
  ),
  'images/base-failed': code(1, 'A base image could not be made.', 'Read the last lines above'),
  'images/build-failed': code(1, 'A Dockerfile failed; its last 20 lines are shown.', 'Mend the Dockerfile, then type `antler build`'),
  'images/no-dockerfile': code(78, 'The build context has no Dockerfile.', 'Add one, or name it with `build: { context, dockerfile }`'),
  'images/push-failed': code(1, 'The registry did not take the image.', 'Type `antler doctor`, then the same again'),
  'images/registry-unreachable': code(1, 'The registry does not answer.', 'Type `antler up`'),
  'images/pull-failed': code(1, 'A public image could not be pulled.', 'Check its name and the network, then type `antler build`'),
  'images/not-verified': code(1, 'The registry does not hold the digest as it was recorded.', 'Type `antler build` to make a new release'),

  // engines
  'engines/unreachable': code(1, 'The container engine does not answer.', 'Type `antler doctor`'),
  'engines/refused': code(1, 'The container engine refused a request.', 'Type `antler doctor`'),
  'engines/not-found': code(1, 'No such container, image or network.', 'Type `antler status`'),
  'engines/pull-failed': code(1, 'An image could not be pulled.', 'Type `antler doctor` (registry)'),
  'engines/exec-failed': code(
    1,
    'A command in a container could not be started.',
    'Type `antler status` to see whether the container runs',
  ),
  'engines/ghost-address': code(1, 'Another network namespace answers for a container’s address.', 'Type `antler doctor`'),

  // edge
  'edge/unreachable': code(1, 'HAProxy’s runtime socket does not answer.', 'Type `antler doctor`'),
  'edge/invalid-config': code(1, 'HAProxy refuses the file that Antler wrote.', 'Please report this with the lines above'),
  'edge/refused': code(1, 'HAProxy refused a runtime command.', 'Type `antler doctor`'),
  'edge/port-taken': code(
    1,
    'A port that an environment needs is in use; the holder is named.',
    'Stop the named program, or change `environments.*.port`',
  ),
  'edge/firewalled': code(1, 'A firewall drops what containers send to a virtual address.', 'Type the line above: it opens the path'),
  'edge/never-ready': code(1, 'A new container never passed its check.', 'Type `antler logs`'),

  // repos
  'repos/absent': code(1, 'The instance has no repository of this name.', 'Type `antler up`'),
  'repos/damaged': code(
    1,
    'git cannot read the repository of the instance: a full disk or a lost power did that.',
    'Type `antler up`: the repository is made anew with what is whole in it; then push again',
  ),
  'repos/key': code(
    64,
    'A key for pushes over SSH, its name, or the account’s file of keys is not as it must be.',
    'Hand in one line of a .pub file: type, key, comment',
  ),
  'repos/no-checkout': code(
    64,
    'The folder is in no git checkout, or nothing in it can be pushed as it is: no commit, no branch.',
    'Stand in a checkout that has a commit',
  ),
  'repos/push-failed': code(1, 'git did not take a push to the repository of the instance.', 'Read what git says above'),
  'repos/receive-failed': code(1, 'git did not come to its end with a push or a fetch.', 'Push again'),
  'repos/unknown-ref': code(64, 'No branch, tag or commit of this name was pushed.', 'Push it: `git push antler BRANCH`'),

  // actions
  'actions/refused': code(
    1,
    'The rules of the environment, or of who asks, do not let the job go on.',
    'Read the message: it names the rule',
  ),
  'actions/unknown-run': code(64, 'No run has this id.', 'Type `antler runs`'),
  'actions/unknown-workflow': code(64, 'The repository has no workflow of this name at that commit.', 'Type `antler workflow check`'),
  'actions/run-state': code(1, 'The run is not in a state in which this can be done.', 'Type `antler runs`'),
  'actions/run-failed': code(1, 'A workflow run failed.', 'Type `antler run logs ID`'),

  // releases
  'releases/unknown-release': code(64, 'No release has this id.', 'Type `antler releases`'),
  'releases/unknown-environment': code(64, 'The config has no environment of this name.', 'Type `antler status`'),
  'releases/not-verified-upstream': code(
    1,
    'The upstream environment has not verified this release.',
    'Deploy it upstream first, or promote with `--force --reason "…"`',
  ),
  'releases/soaking': code(
    1,
    'The release left the upstream environment before it was well there for long enough.',
    'Deploy it upstream again, or promote with `--force --reason "…"`',
  ),
  'releases/held': code(1, 'The environment is on hold after a rollback.', 'Type `antler hold ENV --lift`'),
  'releases/branch-refused': code(
    1,
    'The environment’s `branches` do not name the branch of this run.',
    'Push to one of the branches that the message names',
  ),
  'releases/busy': code(1, 'Another rollout holds the environment.', 'Wait for it: `antler status`'),
  'releases/needs-approval': code(2, 'The rollout waits for an approval.', 'Type `antler approve ID`'),
  'releases/rejected': code(1, 'The approval was refused.', 'Type `antler promote ENV` to ask again'),
  'releases/unknown-approval': code(64, 'No approval of this id is waiting.', 'Type `antler status`'),
  'releases/failed': code(
    1,
    'The rollout failed and the old release serves on; the cause is explained.',
    'Type `antler logs ENV SERVICE`, mend it, then `antler build`',
  ),
  'releases/unfinished': code(
    1,
    'A rollout could not be brought to its end, neither forward nor back.',
    'Type `antler status` to see what serves, then deploy again',
  ),
  'releases/nothing-before': code(1, 'There is no earlier release to go back to.', 'Name one with `--to rN`'),
  'releases/no-receipt': code(1, 'The environment has never been rolled out to this release.', 'Type `antler releases`'),
  'releases/unknown-service': code(64, 'The config has no service of this name.', 'Type `antler status`'),
  'releases/other-app': code(1, 'The instance already holds another app.', 'Use another instance: `antler up --home DIR`'),
  'releases/reason-missing': code(64, '`--force` without `--reason`.', 'Add `--reason "…"`: it is recorded'),

  // actions: reading and planning
  'actions/invalid': code(
    78,
    'A workflow file breaks GitHub’s schema, or uses what is not supported yet; every problem has its line and column.',
    'Mend the listed lines, then type `antler workflow check`',
  ),
  'actions/outside': code(
    1,
    'A path leads out of its job’s folders.',
    'Use a path below the workspace, without a link that leads out of it',
  ),
  'actions/input': code(64, 'The workflow does not take an input or its value.', 'Mend the inputs, then type it again'),
  'actions/expression': code(1, 'An expression of a workflow could not be evaluated.', 'Mend the expression at that line and column'),
  // actions: secrets and variables
  'actions/setting-name': code(
    64,
    'Workflows could not use a secret or variable of this name.',
    'Use letters, digits and _; no digit, GITHUB_ or ANTLER_ in front; 100 signs at most',
  ),
  'actions/setting-value': code(
    64,
    'The value of a secret or variable is empty, no text, or longer than 48 KiB.',
    'Look at what you hand in: the program that should have printed it may have failed',
  ),
  'actions/unknown-setting': code(64, 'No secret or variable of this name is set there.', 'Type `antler secrets ls`'),
  'actions/secrets-key': code(
    1,
    'The key that opens the secrets (`secrets.key` in the home) is missing or damaged.',
    'Put the file back from a backup; where there is none, remove the secrets with `antler secrets rm` and set them again',
  ),
  'actions/secret-damaged': code(
    1,
    'The key in the home does not open a secret: another key sealed it, or it was changed.',
    'Put the right `secrets.key` back into the home, or set the named secrets again',
  ),

  // instance
  'instance/absent': code(1, 'There is no instance at this home.', 'Type `antler up`'),
  'instance/no-free-block': code(1, 'No block of addresses is free on this machine.', 'Remove an instance: `antler down --purge`'),
  'instance/home-too-long': code(64, 'The home’s path is too long for a unix socket in it.', 'Use a path of at most 60 characters'),
  'instance/ledger-locked': code(1, 'Another Antler holds the machine ledger.', 'Wait for it to end, then type the same again'),
  'instance/not-fit': code(1, 'The machine lacks something that Antler needs.', 'Type `antler doctor`'),
  'instance/no-answer': code(
    1,
    'No service of an environment answers although its release is there.',
    'Type `antler status`, then `antler doctor`',
  ),
  'instance/declined': code(1, 'The question was answered with no.', 'Type it again with `--yes` when you are ready'),

  // actions: running
  'actions/no-runner': code(1, 'No runner serves the labels of `runs-on`.', 'Use `ubuntu-latest` or `self-hosted`'),
  'actions/unsupported': code(1, 'A workflow asks for what is not run yet.', 'See docs/reference/workflow-compatibility.md'),
  'actions/step-failed': code(1, 'An action that is built in, or in the repository, could not do its work.', 'Mend the step that is named'),
  'actions/no-workflow': code(78, 'There is no workflow to run.', 'Add a file to .github/workflows'),
  'actions/disk-floor': code(
    1,
    'A job filled the disk: it was ended before the services that are deployed had no room left.',
    'Let it write less, or free some space, then type `antler run rerun ID --failed`',
  ),
  'actions/deadlock': code(
    1,
    'A job asks for the concurrency group that its own workflow holds: it could wait for ever.',
    'Name another group for the job, or take one of the two `concurrency` away',
  ),
  'actions/superseded': code(1, 'A newer run of the same concurrency group took its place.', 'Follow the newer one: `antler runs`'),

  // monitor: incidents and alerts
  'monitor/unknown-incident': code(64, 'No incident has this number.', 'Type `antler incidents`'),
  'monitor/incident-closed': code(
    1,
    'The incident has closed: there is nothing to acknowledge any more.',
    'Type `antler incidents --open`',
  ),
  'monitor/unknown-channel': code(64, 'The config has no webhook or command of this name.', 'Look at `alerts` in antler.config.ts'),

  // api
  'api/bad-request': code(64, 'A request that the contract does not allow.', 'See docs/reference/api.md'),
  'api/not-found': code(64, 'No such path in the API.', 'See docs/reference/api.md'),
  'api/denied': code(1, 'The caller may not do this.', 'Type it as root or as a member of the group `antler`'),
  'daemon/unreachable': code(1, 'The daemon does not answer.', 'Type `antler up`'),
  'daemon/stopping': code(1, 'The daemon is stopping.', 'Type the same again in a moment'),
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;
