// The system page and the REST API.
import {inLanguage} from '../language';

export const system = {
  restApi: 'REST API',
  madeFrom: 'Made from the operation catalog of this very server;',
  forPrograms: 'has it for programs.',
  permission: 'Permission',
  noLogin: 'No login needed',
  body: 'Body:',
  system: 'System',
  version: 'Version',
  upSince: (version: string) => `${version}, up since`,
  memory: 'Memory',
  cpu: 'CPU',
  descriptors: 'Descriptors, threads',
  dashboards: 'Dashboards open',
  lastEvent: 'Last event',
  store: 'Store',
  storeFigures: (commits: number, dropped: number, health: string) => `, ${commits} commits, ${dropped} dropped${health}`,
  loops: 'Loops',
  loop: 'Loop',
  lag: 'Lag p99',
  worst: 'Worst',
  stalls: 'Stalls',
  tasks: 'Tasks',
};
export const t = inLanguage('system', system);
