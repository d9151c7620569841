// The grid of benchmarks: a row for each measured case, a column for each run, oldest first; each cell against the one before it, or
// against the run that was chosen as the baseline.
import type {Json, JsonObject} from '../../api/types';
import type {CaseResult, Run} from '../types';
import {type Compared, compareRounds} from './verdict';

export const kinds = ['bench', 'load', 'soak', 'differential'];

export interface Own {ratio: number; low: number; high: number; pairs: number; why: string; verdict: string} // the server's, of two servers in turn
export interface Cell {run: Run; result: CaseResult; p50: number; p99: number; perSecond: number | null; rounds: number[]; own: Own | null; compared: Compared | null}
export interface Row {name: string; kind: string; server: string; cells: (Cell | null)[]}

const numbers = (value: Json | undefined): number[] => (Array.isArray(value) ? value.filter((one): one is number => typeof one === 'number') : []);
const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

// Medians of rounds (bench), or of the moments of a load.
export function roundsOf(figures: JsonObject): number[] {
  const rounds = numbers(figures.median_ms);
  if (rounds.length) return rounds;
  return Array.isArray(figures.series) ? figures.series.flatMap((one) => (isObject(one) && typeof one.p50_ms === 'number' && Number(one.calls) > 0 ? [one.p50_ms] : [])) : [];
}

function cellOf(run: Run, result: CaseResult): Cell | null {
  if (!result.latency) return null;
  const {figures} = result;
  const rates = numbers(figures.calls_per_second);
  const perSecond = typeof figures.calls_per_s === 'number' ? figures.calls_per_s : rates.length ? rates.reduce((sum, one) => sum + one, 0) / rates.length : null;
  return {run, result, p50: result.latency.p50_ms, p99: result.latency.p99_ms, perSecond, rounds: roundsOf(figures), own: isObject(figures.median) ? (figures.median as unknown as Own) : null, compared: null};
}

// `runs` in any order. `baseline`: a run's id; '' compares each with the one before it.
export function gridOf(runs: Run[], baseline: string): {runs: Run[]; rows: Row[]} {
  const ordered = [...runs].sort((a, b) => Date.parse(a.started) - Date.parse(b.started));
  const rows = new Map<string, Row>();
  ordered.forEach((run, column) => {
    for (const result of run.cases) {
      if (!kinds.includes(result.kind)) continue;
      const row = rows.get(result.name) ?? {name: result.name, kind: result.kind, server: result.server, cells: Array<Cell | null>(ordered.length).fill(null)};
      row.cells[column] = cellOf(run, result);
      rows.set(result.name, row);
    }
  });
  for (const row of rows.values()) {
    let before: Cell | null = baseline ? (row.cells.find((cell) => cell?.run.id === baseline) ?? null) : null;
    for (const cell of row.cells) {
      if (!cell) continue;
      if (before && before !== cell) cell.compared = compareRounds(before.rounds, cell.rounds);
      if (!baseline) before = cell;
    }
  }
  return {runs: ordered, rows: [...rows.values()].filter((row) => row.cells.some(Boolean))};
}
