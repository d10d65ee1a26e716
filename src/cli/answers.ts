/** Answers the approvals that come up while something is followed; where nobody can be asked, following ends. */

import type { WaitingEvent } from '../contract/events.ts';
import type { Client } from './client.ts';

export interface AnswersOptions {
  readonly client: Client;
  readonly signal: AbortSignal;
  /** Asked when an approval is due; undefined: nobody can be asked, what waits goes on waiting. */
  readonly approve: (event: WaitingEvent) => Promise<boolean | undefined>;
}

export interface Answers {
  /** Follow with this signal: it ends where nobody can be asked. */
  readonly signal: AbortSignal;
  due(event: WaitingEvent): void;
  /** The approval that nobody could be asked for. */
  left(): WaitingEvent | undefined;
  /** Ends when all were given; throws what the daemon says of one. */
  given(): Promise<void>;
}

export function createAnswers({ client, signal, approve }: AnswersOptions): Answers {
  const leave = new AbortController();
  const answers: Promise<void>[] = [];
  let left: WaitingEvent | undefined;
  const answer = async (event: WaitingEvent): Promise<void> => {
    const yes = await approve(event);
    if (yes === undefined) {
      left = event;
      leave.abort();
      return;
    }
    await client.call('approve', { params: { id: event.approval }, body: { approve: yes } }, signal);
  };
  return {
    signal: AbortSignal.any([signal, leave.signal]),
    due: (event) => void answers.push(answer(event)),
    left: () => left,
    given: async () => void (await Promise.all(answers)),
  };
}
