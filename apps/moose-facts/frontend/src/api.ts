/** What the page asks the back end, each answer checked once. */

export interface Fact {
  readonly id: string;
  readonly text: string;
  readonly source: { readonly title: string; readonly url: string };
}

export interface Identity {
  readonly environment: string;
  readonly release: string;
  readonly commit: string;
}

export interface Api {
  /** Any fact but the one with the id `not`. */
  randomFact(not?: string): Promise<Fact>;
  identity(): Promise<Identity>;
  vote(factId: string): Promise<void>;
}

const LIMIT_MS = 6000;

/** Rejects where nothing answers in six seconds, with anything but success, or with what is no fact. */
export function createApi(request: typeof fetch): Api {
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const answer = await request(path, { ...init, cache: 'no-store', signal: AbortSignal.timeout(LIMIT_MS) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.json();
  };
  return {
    async randomFact(not) {
      const fact = (await ask(`/api/facts/random${not === undefined ? '' : `?not=${encodeURIComponent(not)}`}`)) as Fact;
      if (typeof fact.text !== 'string' || !fact.source.url.startsWith('https://')) throw new Error('That was no fact');
      return fact;
    },
    async identity() {
      return (await ask('/api/version')) as Identity;
    },
    async vote(factId) {
      await ask('/api/votes', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ factId }),
      });
    },
  };
}
