// A suite that is wrong in any field says so, with the field and its place: each of the published schema's, made from the schema itself.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, root} from '../support/telltale.mjs';

const schema = JSON.parse(readFileSync(join(root, 'docs/lab/suite.schema.json'), 'utf8'));
let telltale;
before(async () => (telltale = await Server.start({args: ['--rate-limit-per-minute', '0']})));
after(() => telltale?.stop());

const {server, step, expect, value, case: oneCase} = schema.$defs;
const good = () => ({name: 'x', servers: {s: {command: 'node'}}, cases: [{name: 'c', steps: [{ping: true, expect: {json: [{path: '$', exists: true}]}}]}]});
const kinds = Object.entries(oneCase.properties).filter(([name, {properties}]) => properties && oneCase.properties.kind.enum.includes(name));
// Where each kind of object stands in a suite, and its schema.
const places = [
  ['', schema], ['/servers/s', server], ['/cases/0', oneCase], ['/cases/0/steps/0', step], ['/cases/0/steps/0/expect', expect], ['/cases/0/steps/0/expect/json/0', value], ['/defaults', schema.properties.defaults],
  ...kinds.map(([name, options]) => [`/cases/0/${name}`, options]),
  ...kinds.flatMap(([name, options]) => Object.entries(options.properties).filter(([, {items}]) => items?.properties).map(([member, {items}]) => [`/cases/0/${name}/${member}/0`, items])),
];

// What the schema forbids there, each with the end of the pointer that must be named.
function* wrongs({type, minimum, maximum, enum: known, items, minLength, maxLength, maxItems}) {
  const kind = [type].flat().find((one) => one !== 'null');
  if (kind === undefined) return;
  yield [kind === 'string' ? 7 : kind === 'boolean' ? 'maybe' : kind === 'array' ? 'no list' : kind === 'object' ? 'no object' : 'no number', ''];
  if (kind === 'integer') yield [0.5, ''];
  if (known && kind === 'string') yield ['no such word', ''];
  if (minimum !== undefined) yield [minimum - 1, ''];
  if (maximum !== undefined) yield [maximum + 1, ''];
  if (minLength > 0) yield ['', ''];
  if (maxLength < 10_000) yield ['x'.repeat(maxLength + 1), ''];
  if (maxItems < 1000) yield [Array(maxItems + 1).fill(items?.type === 'string' ? 'x' : {}), ''];
  if (items?.type === 'string') yield [[7], '/0'];
}

function put(suite, pointer, wrong) {
  const steps = pointer.split('/').slice(1);
  let at = suite;
  steps.slice(0, -1).forEach((name, i) => (at = at[name] ??= /^\d+$/.test(steps[i + 1]) ? [] : {}));
  at[steps.at(-1)] = wrong;
  return suite;
}

test('each field of the format, wrong in each way the schema knows', async () => {
  let tried = 0;
  const silent = [];
  for (const [place, {properties}] of places)
    for (const [name, rules] of [...Object.entries(properties), ['not_known_here', {type: 'unknown'}]]) {
      if (name === '$schema' || rules.$ref) continue;
      for (const [wrong, below] of wrongs(rules)) {
        const pointer = `${place}/${name}`;
        const yaml = JSON.stringify(put(good(), pointer, wrong), null, 1);
        const {valid, problems} = await telltale.api('/api/tests/validate', {method: 'POST', body: {yaml}});
        ++tried;
        const said = problems.find(({field}) => field === pointer + below);
        const lines = yaml.split('\n');
        if (valid || !said?.message || !(said.column > 0) || !lines.slice(Math.max(0, said.line - 2), said.line).join('').includes(below ? String(wrong[0]) : name)) silent.push(`${pointer} = ${JSON.stringify(wrong).slice(0, 60)}: ${JSON.stringify(said ?? problems.slice(0, 3))}`);
      }
    }
  assert.deepEqual(silent, []);
  assert.ok(tried > 250, `${tried} were tried`);
});
