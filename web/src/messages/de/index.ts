// The German messages: one chunk, loaded when German is shown.
export {shell} from './shell';
export {ui} from './ui';
export {settings} from './settings';
export {access} from './access';
export {setup} from './setup';
export {overview} from './overview';
export {fleet} from './fleet';
