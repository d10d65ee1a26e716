/** The properties of each context as GitHub documents them, and which are there: for the page of compatibility and for the test that proves it. */

export interface ContextKey {
  readonly key: string;
  /** `inside`: only inside of a composite action; `asked`: only where somebody asked for it. */
  readonly here: 'always' | 'inside' | 'asked' | 'never';
  readonly note?: string;
}

const always = (keys: string): ContextKey[] => keys.split(' ').map((key) => ({ key, here: 'always' }));
const noted = (key: string, note: string): ContextKey => ({ key, here: 'always', note });

const ONE = 'always `1`: there is one repository, and no account behind a name';

export const CONTEXT_KEYS: Readonly<Record<string, readonly ContextKey[]>> = {
  github: [
    ...always('action actor base_ref env event event_name event_path graphql_url head_ref job output path repository repository_owner'),
    ...always('repositoryUrl run_attempt run_id run_number server_url state step_summary triggering_actor workflow workflow_ref workflow_sha workspace'),
    { key: 'action_path', here: 'inside', note: 'inside of an action of the repository' },
    noted('action_ref', 'empty: actions from elsewhere do not run yet'),
    noted('action_repository', 'empty: actions from elsewhere do not run yet'),
    { key: 'action_status', here: 'never', note: 'use `success()` and `failure()` inside of the action' },
    noted('actor_id', ONE),
    noted('api_url', 'as on GitHub Enterprise; nothing answers there'),
    noted('ref', 'of a pull request its head, `refs/pull/N/head`: no merge commit is made'),
    noted('ref_name', 'of a pull request `N/head`'),
    noted('ref_protected', 'always `false`'),
    noted('ref_type', 'of a pull request `branch`, as on GitHub'),
    noted('repository_id', ONE),
    noted('repository_owner_id', ONE),
    noted('retention_days', 'always `90`'),
    noted('secret_source', 'always `Actions`'),
    noted('sha', 'of a pull request its head commit, not a merge commit'),
    noted('token', 'the secret `GITHUB_TOKEN` where somebody set one, else empty'),
  ],
  job: [
    ...always('status'),
    noted('container', 'empty'),
    noted('services', 'empty: `services` are not supported yet'),
    ...['check_run_id', 'workflow_ref', 'workflow_sha', 'workflow_repository', 'workflow_file_path'].map((key): ContextKey => ({ key, here: 'never' })),
  ],
  steps: always('conclusion outcome outputs'),
  runner: [
    ...always('arch name os temp tool_cache workspace'),
    noted('environment', 'always `self-hosted`'),
    { key: 'debug', here: 'asked', note: '`1` where `ACTIONS_STEP_DEBUG` or `--verbose` asks for it' },
  ],
  strategy: always('fail-fast job-index job-total max-parallel'),
};

export interface Proved {
  /** Undefined: it means what it means on GitHub. */
  readonly note?: string;
  readonly file?: string;
  /** The test's whole title; a part of the case where cases have no names. */
  readonly title?: string;
}

const real = (file: string, title: string, note?: string): Proved => ({
  file: `test/parts/actions/${file}.test.ts`,
  title,
  ...(note === undefined ? {} : { note }),
});

const EACH = 'contexts: each has the properties that the page of compatibility names, and no other';

/** Every context; those with fixed properties are in `CONTEXT_KEYS`, too. */
export const CONTEXT_PROOFS: Readonly<Record<string, Proved>> = {
  github: real('contexts', EACH),
  env: real('inside', 'GITHUB_ENV inside of an action holds for its next steps; what the calling step set itself lies over it'),
  job: real('inside', 'job.status inside of an action is the job’s; success() and failure() ask for the action'),
  jobs: { note: 'not supported yet, with `on.workflow_call`' },
  steps: real('contexts', 'github.action: a step’s id or GitHub’s name for it, inside of an action that of the step that called it; steps has only those with an id'),
  runner: real('contexts', EACH),
  secrets: real('output', 'secrets: masked raw and encoded, in names, annotations, groups, summaries and errors; never an output of a job'),
  vars: real('steps', 'contexts: github, runner, job, strategy, vars, inputs, and their variables, are those of GitHub'),
  strategy: real('contexts', EACH),
  matrix: { file: 'test/cases/actions/matrix.json', title: 'the first key varies slowest' },
  needs: real('output', 'secrets: masked raw and encoded, in names, annotations, groups, summaries and errors; never an output of a job'),
  inputs: real('steps', 'contexts: github, runner, job, strategy, vars, inputs, and their variables, are those of GitHub'),
};

const expressions = (title: string, note?: string): Proved => ({
  file: 'test/cases/actions/expressions.json',
  title,
  ...(note === undefined ? {} : { note }),
});

/** Every function. */
export const FUNCTION_PROOFS: Readonly<Record<string, Proved>> = {
  always: expressions('always()'),
  cancelled: expressions('cancelled()'),
  failure: real('inside', 'job.status inside of an action is the job’s; success() and failure() ask for the action'),
  success: real('inside', 'job.status inside of an action is the job’s; success() and failure() ask for the action'),
  case: expressions('case('),
  contains: expressions('contains('),
  endsWith: expressions('endsWith('),
  format: expressions('format('),
  fromJSON: expressions('fromJSON('),
  hashFiles: {
    file: 'src/actions/run/hash-files.test.ts',
    title: 'hashFiles: a value that the official runner gives',
    note: 'the same value; links that lead out of the workspace, or nowhere, are passed over',
  },
  join: expressions('join('),
  startsWith: expressions('startsWith('),
  toJSON: expressions('toJSON('),
};

const ALL = 'workflow commands: set-output, groups, annotations, stop-commands, echo, add-mask; add-path is disabled';
const MATCHER = 'workflow commands: a matcher’s file makes annotations of the output of every later step, until it is removed';

/** Every workflow command. */
export const COMMAND_PROOFS: Readonly<Record<string, Proved>> = {
  'add-mask': real('steps', ALL),
  'add-matcher': real('steps', MATCHER),
  'add-path': real('steps', ALL, 'refused, as on GitHub: write to `GITHUB_PATH`'),
  debug: real('contexts', 'ACTIONS_STEP_DEBUG: a secret or variable of that name tells ::debug:: lines, sets RUNNER_DEBUG, and is no secret', 'told where the secret or variable `ACTIONS_STEP_DEBUG` is `true`, or with `--verbose`'),
  echo: real('steps', ALL),
  endgroup: real('steps', ALL),
  error: real('steps', ALL),
  group: real('steps', ALL),
  notice: real('contexts', 'stop-commands: a token that any line could be is refused and fails the step; a long one is masked'),
  'remove-matcher': real('steps', MATCHER),
  'save-state': real('uses', 'uses: ./path: a JavaScript action gets INPUT_*, hands state to its post, and posts run in reverse order, always'),
  'set-env': real('contexts', 'set-env: refused as on GitHub, and the step fails', 'refused, as on GitHub: write to `GITHUB_ENV`'),
  'set-output': real('steps', ALL),
  'stop-commands': real('contexts', 'stop-commands: a token that any line could be is refused and fails the step; a long one is masked'),
  warning: real('output', 'secrets: masked raw and encoded, in names, annotations, groups, summaries and errors; never an output of a job'),
};

const FILES = 'GITHUB_ENV, GITHUB_PATH, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY: later steps and expressions see what was written';

/** Every file through which a step speaks. */
export const FILE_PROOFS: Readonly<Record<string, Proved>> = {
  GITHUB_ENV: real('steps', FILES),
  GITHUB_OUTPUT: real('steps', FILES),
  GITHUB_PATH: real('steps', FILES),
  GITHUB_STATE: real('uses', 'uses: ./path: a JavaScript action gets INPUT_*, hands state to its post, and posts run in reverse order, always'),
  GITHUB_STEP_SUMMARY: real('steps', FILES, 'a folded part of the log: there is no page for it'),
};
