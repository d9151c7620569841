// The reference servers of npm as the tests run them, and what they really get wrong.
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {root} from '../support/telltale.mjs';

const npm = (name) => join(root, 'examples/demo/node_modules/@modelcontextprotocol', name, 'dist/index.js');

export function referenceServers(folder) {
  const files = join(folder, 'files');
  mkdirSync(files, {recursive: true});
  return [
    {name: 'everything', argv: [npm('server-everything'), 'stdio']},
    {name: 'filesystem', argv: [npm('server-filesystem'), files]},
    {name: 'memory', argv: [npm('server-memory')]},
    {name: 'sequential-thinking', argv: [npm('server-sequential-thinking')]},
    {name: 'everything over HTTP', argv: [npm('server-everything'), 'streamableHttp'], http: true},
  ];
}

// MUST findings, with the reason they are true: rule to reason.
export const knownFindings = {
  'everything over HTTP': {
    'http.origin-checked': 'it answers 200 to Origin: http://evil.example; the specification says MUST validate, and 403',
    'http.session-ended': 'it answers 400 to a session that was ended by DELETE; the specification says MUST 404',
  },
};
