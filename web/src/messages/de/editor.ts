import type {editor as english} from '../en/editor';
import {plural} from './plural';

export const editor: typeof english = {
  beingMade: 'Sie wird gemacht',
  made: (cases, left) => `${cases} ${plural(cases, {one: 'Fall', other: 'Fälle'})}${left}. Lesen Sie, was erwartet wird, bevor Sie sich darauf verlassen.`,
  leftOut: (count) => `, ${count} ${plural(count, {one: 'Anfrage', other: 'Anfragen'})} ausgelassen`,
  tooLarge: (name, megabytes) => `${name} ist über ${megabytes} MiB: machen Sie ihre Suite mit telltale test --import`,
  noServer: 'Es gibt keinen Server',
  server: 'Server',
  serverOf: 'Server, aus dem sie gemacht wird',
  fromCalls: 'Aus seinen letzten Aufrufen',
  fromRecording: 'Aus einer Aufzeichnung',
  beginFrom: 'Mit Aufgezeichnetem beginnen',
  mayStand: 'Was hier stehen kann',
  needed: 'erforderlich; ',
};
