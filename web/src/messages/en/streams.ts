// Words of streams that other rooms say, too: states, renditions, health.
import {inLanguage} from '../language';

export const streams = {
  states: {new: 'new', connecting: 'connecting', connected: 'connected', disconnected: 'disconnected', closed: 'closed', failed: 'failed'},
  renditions: {low: 'low', medium: 'medium', high: 'high', source: 'source', best: 'best', audio: 'audio', auto: 'auto'},
  ends: {asked: 'asked', peer: 'peer', consent: 'consent', timeout: 'timeout', dtls: 'dtls', content_end: 'content_end', source: 'source', replaced: 'replaced', shutdown: 'shutdown'},
  noScore: 'No score yet',
  healthLow: 'health low',
  healthFair: 'health fair',
};
export const t = inLanguage('streams', streams);

// What the server may say in time and these words do not know is shown as it says it.
export const stateWord = (state: string) => (t.states as Record<string, string>)[state] ?? state;
export const endWord = (reason: string) => (t.ends as Record<string, string>)[reason] ?? reason;
export const renditionWord = (rendition: string) => (t.renditions as Record<string, string>)[rendition] ?? rendition;
