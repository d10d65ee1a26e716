/** The properties of each context as GitHub documents them, and which are there: for the page of compatibility and for the test that proves it. */

export interface ContextKey {
  readonly key: string;
  /** `inside`: only inside of a composite action. */
  readonly here: 'always' | 'inside' | 'never';
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
    { key: 'debug', here: 'never', note: '`1` where `ACTIONS_STEP_DEBUG` or `--verbose` asks for it' },
  ],
  strategy: always('fail-fast job-index job-total max-parallel'),
};
