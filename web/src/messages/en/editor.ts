// The editor of suites.
import {inLanguage} from '../language';
import {plural} from './plural';

export const editor = {
  beingMade: 'It is being made',
  made: (cases: number, left: string) => `${cases} ${plural(cases, {one: 'case', other: 'cases'})}${left}. Read what is expected before you rely on it.`,
  leftOut: (count: number) => `, ${count} ${plural(count, {one: 'request', other: 'requests'})} left out`,
  tooLarge: (name: string, megabytes: number) => `${name} is over ${megabytes} MiB: make its suite with telltale test --import`,
  noServer: 'There is no server',
  server: 'Server',
  serverOf: 'Server it is made from',
  fromCalls: 'From its last calls',
  fromRecording: 'From a recording',
  beginFrom: 'Begin from what was recorded',
  mayStand: 'What may stand here',
  needed: 'needed; ',
};
export const t = inLanguage('editor', editor);
