import type {live as english} from '../en/live';

export const live: typeof english = {
  serverWentAway: 'der Server ging weg',
  connectionBroke: 'die Verbindung brach ab',
  tooManyMessages: 'zu viele Nachrichten',
  tooLarge: 'eine Nachricht war zu groß',
  serverFault: 'ein Fehler im Server',
  serverRestarts: 'der Server startet neu',
  tooSlow: 'dieser Browser war zu langsam',
  tokenEnded: 'das Token ist abgelaufen',
  reconnectAsked: 'Neuverbindung wurde verlangt',
  noToken: 'kein Zugriffstoken: der Server ist weg oder die Sitzung ist beendet',
  noJson: 'eine Nachricht war kein JSON',
  answeredIn: (ms) => `antwortete in ${ms} ms`,
};
