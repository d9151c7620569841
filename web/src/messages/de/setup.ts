import type {setup as english} from '../en/setup';
import {plural} from './plural';

export const setup: typeof english = {
  steps: 'Schritte',
  passwordStep: 'Passwort',
  serversStep: 'Erster Server',
  startStep: 'Start',
  chooseYourPassword: 'Wählen Sie Ihr Passwort',
  addFirstServers: 'Fügen Sie Ihren ersten Server hinzu',
  itStarts: 'Er startet',
  later: 'Später',
  skip: 'Überspringen und zum Dashboard',
  fromTheMenu: 'Über das Menü geht es jederzeit weiter.',
  loading: 'Wird geladen',

  notTheSame: 'ist nicht dasselbe',
  choosePasswordForm: 'Passwort wählen',
  linkWorkedOnce: (user) => `Der Link, der Sie hierher gebracht hat, gilt nur einmal. Ab jetzt melden Sie sich als ${user} mit diesem Passwort an.`,
  newPassword: 'Neues Passwort',
  passwordHint: 'Mindestens 10 Zeichen; ein Satz ist gut.',
  sameAgain: 'Noch einmal dasselbe',
  setPassword: 'Passwort festlegen',

  hereAlready: (count, names) => `${count} Server ${plural(count, {one: 'ist', other: 'sind'})} schon hier: ${names}.`,
  toFleet: 'Zur Flotte',
  whatHappens: 'Telltale startet ihn, überwacht ihn und startet ihn neu, wenn er endet.',
  orAnother: 'Oder ein anderer',
  addAndWatch: 'Hinzufügen und beim Start zusehen',

  foundHere: 'Auf diesem Rechner gefunden',
  foundText: 'Was Claude, VS Code, Cursor und Windsurf starten, kann auch Telltale starten und überwachen. Deren Dateien bleiben, wie sie sind; was darin geheim ist, wird nicht gezeigt.',
  looking: 'Konfigurationen werden gesucht',
  nothingFound: 'Auf dem Rechner, auf dem Telltale läuft, wurde keine Konfiguration von Claude Desktop, Claude Code, VS Code, Cursor oder Windsurf gefunden.',
  knownAlready: 'ein Server dieses Namens ist schon hier',
  switchedOff: 'dort abgeschaltet',
  withValues: (names) => `mit Werten für ${names}`,
  chooseOne: 'Wählen Sie mindestens einen Server',
  takeOver: (count) => `${plural(count, {one: 'Diesen Server', other: `Diese ${count} Server`})} hinzufügen und zusehen`,
  takingOver: 'Wird hinzugefügt',
  added: (names) => `${names} hinzugefügt.`,

  starting: (healthy, all) => `${healthy} von ${all} gesund. Es geht von selbst weiter, auch wenn Sie gehen.`,
  allHealthy: (count) => plural(count, {one: 'Er ist gesund.', other: `Alle ${count} sind gesund.`}),
  answers: (tools, time) => `${tools} ${plural(tools, {one: 'Tool', other: 'Tools'})}, Antwort in ${time}`,
  showIt: 'Zeigen',
  toDashboard: 'Zum Dashboard',
  anotherOne: 'Noch einen hinzufügen',
};
