import type {streams as english} from '../en/streams';

export const streams: typeof english = {
  states: {new: 'neu', connecting: 'verbindet', connected: 'verbunden', disconnected: 'unterbrochen', closed: 'geschlossen', failed: 'fehlgeschlagen'},
  renditions: {low: 'niedrig', medium: 'mittel', high: 'hoch', source: 'Quelle', best: 'beste', audio: 'Audio', auto: 'automatisch'},
  ends: {asked: 'verlangt', peer: 'Gegenstelle', consent: 'keine Antwort', timeout: 'Zeitüberschreitung', dtls: 'DTLS', content_end: 'Inhalt zu Ende', source: 'Quelle', replaced: 'ersetzt', shutdown: 'Server beendet'},
  noScore: 'Noch keine Wertung',
  healthLow: 'Gesundheit schlecht',
  healthFair: 'Gesundheit mäßig',
};
