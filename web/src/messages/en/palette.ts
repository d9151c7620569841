// The command palette.
import {inLanguage} from '../language';

export const palette = {
  server: 'Server',
  itWas: (status: string) => `It was ${status}.`,
  asRequest: 'As a request',
  requested: 'Requested',
  remove: 'Delete',
  run: 'Run',
  close: 'Close',
  confirmed: 'Confirmed by the server.',
  command: 'Command',
  jumpOrRun: 'Jump to or run',
  recent: 'Recent',
  commands: 'Commands',
  reading: 'Reading',
  nothingFits: 'Nothing fits.',
  choose: 'choose',
  enterKey: 'Enter',
  goOrRun: 'go or run',
  escapeKey: 'Esc',
  closeIt: 'close',
  readingMore: 'reading more',
  palette: 'Command palette',
  toolsOf: (server: string) => `Tools of ${server}`,
  logsOf: (server: string) => `Logs of ${server}`,
  traceOf: (what: string) => `Trace of ${what}`,
  catalogUnread: (status: number) => `The catalog could not be read: ${status}`,
  kinds: {Page: 'Page', Server: 'Server', Action: 'Action', Tool: 'Tool', Stream: 'Stream', Suite: 'Suite', Run: 'Run', Report: 'Report', Trace: 'Trace', Operation: 'Operation'},
};
export const t = inLanguage('palette', palette);
