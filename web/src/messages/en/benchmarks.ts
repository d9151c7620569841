// Benchmarks.
import {inLanguage} from '../language';
import {plural} from './plural';

export const benchmarks = {
  interval: (low: string, high: string) => `(${low} to ${high})`,
  kindOn: (kind: string, server: string) => `${kind} on ${server}`,
  oneRun: 'One run so far: a line needs two.',
  latencyOf: (name: string, runs: number) => `Latency of ${name} over ${runs} runs`,
  rateOf: (name: string, runs: number) => `Calls a second of ${name} over ${runs} runs`,
  callsPerSecond: 'calls a second',
  againstServer: 'against the other server',
  againstRun: 'against the run it is compared with',
  historyOf: (name: string) => `History of ${name}`,
  nothingMeasured: 'The last runs of this suite measured nothing. Cases of the kinds bench, load, soak and differential are measured.',
  compareWith: 'Compare with',
  runBefore: 'the run before',
  thatOf: (time: string, version: number) => `that of ${time}, version ${version}`,
  caption: 'Median latency of each case by run, oldest first',
  case: 'Case',
  version: (version: number) => `version ${version}`,
  benchmarks: 'Benchmarks',
  explain: 'Medians of calls. A verdict needs the whole 95 % interval on one side, and five rounds of each; two runs at different times also differ by what else the machine did. Two servers in one bench case are measured in turn: that verdict is shown where there is one.',
  nothingYet: 'Nothing is measured yet: a suite with a case of the kind bench or load is.',
  writeSuite: 'Write a suite',
  suite: 'Suite',
  notRunYet: 'This suite has not been run yet.',
  tooFewRounds: (rounds: number, least: number) => `${rounds} ${plural(rounds, {one: 'round', other: 'rounds'})} of one of them: a verdict needs at least ${least}`,
  confidence: (ratio: string, low: string, high: string, first: number, second: number) => `${ratio} (95 % confidence: ${low} to ${high}; ${first} and ${second} rounds)`,
  lessTime: (interval: string) => `less time: ${interval}`,
  moreTime: (interval: string) => `more time: ${interval}`,
  noDifference: (interval: string) => `no difference of 2 % or more: ${interval}`,
  bothWays: (interval: string) => `the interval reaches both ways: ${interval}`,
  verdicts: {faster: 'faster', slower: 'slower', 'cannot tell': 'cannot tell'} as Record<string, string>,
  distributionOf: (name: string) => `Distribution of ${name}`,
  runOf: (time: string) => `run of ${time}`,
};
export const t = inLanguage('benchmarks', benchmarks);
