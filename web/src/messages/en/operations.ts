// Operations and tasks.
import {inLanguage} from '../language';

export const operations = {
  reading: 'Reading',
  byWithTrace: (operation: string, actor: string) => `${operation} by ${actor}, trace`,
  trace: 'Trace',
  timing: 'Where the time went',
  arguments: 'Arguments',
  error: 'Error',
  result: 'Result',
  operation: 'Operation',
  cancelRequested: 'Cancel requested.',
  operations: 'Operations',
  newestFirst: 'Operations, newest first',
  state: 'State',
  subject: 'Subject',
  who: 'Who',
  started: 'Started',
  took: 'Took',
  actions: 'Actions',
  cancel: 'Cancel',
  nothingYet: 'Nothing has been asked for yet.',
  tasks: 'Tasks',
  runningCount: (count: number) => `${count} running`,
  task: 'Task',
  owner: 'Owner',
  loop: 'Loop',
  since: 'Since',
  ended: 'ended',
  running: 'running',
};
export const t = inLanguage('operations', operations);
