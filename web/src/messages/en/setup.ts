// First steps: the password, the servers found on the machine, their start.
import {inLanguage} from '../language';
import {plural} from './plural';

export const setup = {
  steps: 'Steps',
  passwordStep: 'Password',
  serversStep: 'First server',
  startStep: 'Start',
  chooseYourPassword: 'Choose your password',
  addFirstServers: 'Add your first server',
  itStarts: 'It starts',
  later: 'Later',
  skip: 'Skip, show me the dashboard',
  fromTheMenu: 'Go on with it from the menu at any time.',
  loading: 'Loading',

  notTheSame: 'is not the same',
  choosePasswordForm: 'Choose a password',
  linkWorkedOnce: (user: string) => `The link that brought you here works once. From now on you log in as ${user} with this password.`,
  newPassword: 'New password',
  passwordHint: 'At least 10 characters; a sentence is good.',
  sameAgain: 'The same again',
  setPassword: 'Set password',

  hereAlready: (count: number, names: string) => `${count} ${plural(count, {one: 'server is', other: 'servers are'})} here already: ${names}.`,
  toFleet: 'To the fleet',
  whatHappens: 'Telltale starts it, watches it and starts it again when it ends.',
  orAnother: 'Or another one',
  addAndWatch: 'Add and watch it start',

  foundHere: 'Found on this machine',
  foundText: 'What Claude, VS Code, Cursor and Windsurf start, Telltale can start and watch as well. Their files stay as they are; what is secret in them is not shown.',
  looking: 'Looking for configurations',
  nothingFound: 'No configuration of Claude Desktop, Claude Code, VS Code, Cursor or Windsurf was found on the machine Telltale runs on.',
  knownAlready: 'a server of this name is here already',
  switchedOff: 'switched off there',
  withValues: (names: string) => `with values for ${names}`,
  chooseOne: 'Choose at least one server',
  takeOver: (count: number) => `Add ${plural(count, {one: 'this server', other: `these ${count} servers`})} and watch`,
  takingOver: 'Adding',
  added: (names: string) => `${names} added.`,

  starting: (healthy: number, all: number) => `${healthy} of ${all} healthy. It goes on by itself, also when you leave.`,
  allHealthy: (count: number) => plural(count, {one: 'It is healthy.', other: `All ${count} are healthy.`}),
  answers: (tools: number, time: string) => `${tools} ${plural(tools, {one: 'tool', other: 'tools'})}, answered in ${time}`,
  showIt: 'Show it',
  toDashboard: 'To the dashboard',
  anotherOne: 'Add another one',
};
export const t = inLanguage('setup', setup);
