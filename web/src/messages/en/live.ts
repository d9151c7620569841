// The live connection.
import {inLanguage} from '../language';

export const live = {
  serverWentAway: 'the server went away',
  connectionBroke: 'the connection broke',
  tooManyMessages: 'too many messages',
  tooLarge: 'a message was too large',
  serverFault: 'a fault in the server',
  serverRestarts: 'the server restarts',
  tooSlow: 'this browser was too slow',
  tokenEnded: 'the token ended',
  reconnectAsked: 'reconnect was asked for',
  noToken: 'no access token: the server is away or the session has ended',
  noJson: 'a message was no JSON',
  answeredIn: (ms: number) => `answered in ${ms} ms`,
};
export const t = inLanguage('live', live);
