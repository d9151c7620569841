// Starting runs, and knowing by which operation a run can be cancelled.
import {request, settled} from '../../api/client';
import type {LiveEvent, Operation} from '../../api/types';
import {live} from '../../live/store';
import {t} from '../../messages/en/tests';

export interface RunBody {id: string; version?: number; cases?: string[]; tags?: string[]}

const operations = new Map<string, string>(); // of runs, by run
const runs = new Map<string, string>(); // of operations
const most = 500;

// The first progress of the operation says which run it is.
export function learn(event: LiveEvent) {
  const {operation_id: operation, run_id: run} = event.data as {operation_id?: string; run_id?: string};
  if (!operation || !run) return;
  operations.set(run, operation);
  runs.set(operation, run);
  if (runs.size <= most) return;
  const oldest = runs.entries().next().value;
  if (oldest) { runs.delete(oldest[0]); operations.delete(oldest[1]); }
}
live.hear('tool_progress', learn);

export const operationOf = (run: string) => operations.get(run);

const fault = (operation: Operation) => new Error(operation.error?.detail ?? (operation.status === 'canceled' ? t.wasCancelled : t.couldNotRun));

// The id of the run that began; it goes on by itself.
export async function startRun(body: RunBody): Promise<string> {
  let told: (run: string) => void = () => undefined;
  const begun = new Promise<string>((done) => { told = done; });
  let operation = '';
  const stop = live.hear('tool_progress', (event) => {
    const {operation_id: of, run_id: run} = event.data as {operation_id?: string; run_id?: string};
    if (run && of === operation) told(run);
  });
  try {
    const {status, body: answer} = await request<{operation_id: string; id?: string}>('/api/tests/run', {method: 'POST', body, wait: 0});
    if (status !== 202 && answer.id) return answer.id;
    operation = answer.operation_id;
    const known = runs.get(operation);
    if (known) return known;
    // Where the live connection is cut, the end of the run says it too.
    return await Promise.race([begun, settled(operation).then((ended) => {
      const id = (ended.result as {id?: string} | undefined)?.id;
      if (id) return id;
      throw fault(ended);
    })]);
  } finally {
    stop();
  }
}

export async function cancelRun(run: string) {
  const operation = operationOf(run);
  if (!operation) throw new Error(t.notKnownHere);
  await request(`/api/operations/${operation}/cancel`, {method: 'POST', body: {}});
}
