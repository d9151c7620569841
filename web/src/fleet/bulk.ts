// One verb on many servers: a few at a time, with what became of each.
import {t} from '../messages/en/fleet';

export type Outcome = {state: 'waiting' | 'requested' | 'ok' | 'failed'; text: string; ms?: number};
export type Outcomes = ReadonlyMap<string, Outcome>;

export async function runBulk(names: string[], perform: (name: string) => Promise<Outcome>, onChange: (outcomes: Outcomes) => void, atOnce = 4): Promise<Outcomes> {
  let outcomes: Outcomes = new Map(names.map((name) => [name, {state: 'waiting', text: t.waiting} as Outcome]));
  const put = (name: string, outcome: Outcome) => {
    outcomes = new Map(outcomes).set(name, outcome);
    onChange(outcomes);
  };
  onChange(outcomes);
  const queue = [...names];
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      put(name, {state: 'requested', text: t.requestedText});
      put(name, await perform(name).catch((error: Error): Outcome => ({state: 'failed', text: error.message})));
    }
  };
  await Promise.all(Array.from({length: Math.min(atOnce, names.length)}, worker));
  return outcomes;
}

export function summary(outcomes: Outcomes): string {
  const count = (state: Outcome['state']) => [...outcomes.values()].filter((one) => one.state === state).length;
  const open = count('waiting') + count('requested');
  const failed = count('failed');
  return [t.confirmedOf(count('ok'), outcomes.size), ...(failed ? [t.failedCount(failed)] : []), ...(open ? [t.toGo(open)] : [])].join(', ');
}
