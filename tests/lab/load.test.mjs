// A load says the same of a server whichever way its calls go: closed, as one volley over the pipe, or open, call by call.
import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {command, root} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-load-'));
after(() => rmSync(folder, {recursive: true, force: true}));
const support = (file, ...args) => ({command: process.execPath, args: [join(root, 'tests/support/servers', file), ...args]});
const echo = {call: 'echo', arguments: {text: 'hello'}};
const closed = {concurrency: 8, duration_s: 1.2, warm_up_s: 0};
const open = {...closed, rate: 200};

// What is run both ways: the server, the step, and what both must say.
const same = {
  'all is well': {server: support('hostile.mjs', 'normal'), step: {...echo, expect: {contains: 'hello'}}, status: 'passed', kinds: []},
  'an expectation that does not hold': {server: support('hostile.mjs', 'normal'), step: {...echo, expect: {contains: 'bye'}}, status: 'failed', kinds: [/^contains: expected "?bye"?, got/]},
  'an error that was not expected': {server: support('hostile.mjs', 'error-answers'), step: echo, status: 'failed', kinds: [/^status: expected "?ok"?, got/]},
  'an error that was': {server: support('hostile.mjs', 'error-answers'), step: {...echo, expect: {status: 'error', code: -32603}}, status: 'passed', kinds: []},
  'a tool that fails': {server: support('hostile.mjs', 'normal'), step: {call: 'fail', arguments: {}}, status: 'failed', kinds: [/^status: expected "?ok"?, got/]},
  'no answer in time': {server: support('hostile.mjs', 'hang-call'), step: {...echo, timeout_s: 0.3}, status: 'failed', kinds: [/^no answer: tools\/call: no answer within 300 ms$/]},
  'a server that dies of it': {server: support('hostile.mjs', 'exit-on-call'), step: echo, status: 'failed', kinds: [/^no answer: the process exited with code/], ways: ['closed']}, // open, some are only begun when it is gone,
  'every answer twice': {server: support('hostile.mjs', 'double-answer'), step: echo, status: 'passed', kinds: []},
  'garbage between the answers': {server: support('hostile.mjs', 'garbage'), step: echo, status: 'passed', kinds: []},
  'a notification before each': {server: support('hostile.mjs', 'chatty'), step: echo, status: 'passed', kinds: []},
  'any request': {server: support('hostile.mjs', 'normal'), step: {request: 'ping'}, status: 'passed', kinds: []},
  'a method that is not there': {server: support('hostile.mjs', 'normal'), step: {request: 'no/such'}, status: 'failed', kinds: [/^status: expected "?ok"?, got/]},
  'a structured result, 2026-07-28': {server: support('modern-stdio.mjs'), step: {call: 'add', arguments: {a: 2, b: 3}, expect: {json: [{path: '$.structuredContent.sum', equals: 5}]}}, status: 'passed', kinds: []},
  // One message does not answer it: the volley gives way to calls.
  'a tool that asks for input': {server: support('modern-stdio.mjs'), step: {call: 'ask', arguments: {}}, status: 'failed', kinds: [/no name was given$/]},
};

for (const [name, {server, step, status, kinds, ways = ['closed', 'open']}] of Object.entries(same)) {
  test(name, async () => {
    const file = join(folder, `${name.replaceAll(/\W/g, '-')}.yaml`);
    const cases = ways.map((way) => ({name: way, steps: [step], load: way === 'open' ? open : closed}));
    writeFileSync(file, JSON.stringify({name: 'load', servers: {s: server}, isolation: 'case', cases}));
    const {stdout, stderr} = await command(['test', file, '--json', `${file}.json`], {ms: 60_000});
    let seen;
    try {
      seen = JSON.parse(readFileSync(`${file}.json`, 'utf8')).runs[0].cases;
    } catch (error) {
      throw new Error(`${stdout}\n${stderr}`, {cause: error});
    }
    for (const one of seen) {
      const {calls, errors, error_kinds: found, p50_ms: p50} = one.figures;
      assert.equal(one.status, status, `${one.name}: ${JSON.stringify(one.figures)}`);
      assert.equal(Object.keys(found).length, kinds.length, `${one.name}: ${JSON.stringify(found)}`);
      kinds.forEach((kind, i) => assert.match(Object.keys(found)[i], kind, one.name));
      assert.ok(calls >= 8 && p50 > 0, `${one.name}: ${JSON.stringify(one.figures)}`);
      assert.equal(errors, kinds.length > 0 ? calls : 0, one.name);
    }
    const [one, other = one] = seen.map(({figures}) => Object.keys(figures.error_kinds));
    assert.deepEqual(one, other);
  });
}

test('a count is met to the call, and the last exchanges are there to be read', async () => {
  const file = join(folder, 'count.yaml');
  writeFileSync(file, JSON.stringify({name: 'count', servers: {s: support('hostile.mjs', 'normal')}, cases: [{name: 'count', steps: [{...echo, expect: {contains: 'bye'}}], load: {concurrency: 16, duration_s: 60, warm_up_s: 0, count: 5000}}]}));
  const {code} = await command(['test', file, '--json', `${file}.json`], {ms: 60_000});
  assert.equal(code, 1);
  const [one] = JSON.parse(readFileSync(`${file}.json`, 'utf8')).runs[0].cases;
  assert.equal(one.figures.calls, 5000);
  assert.equal(one.figures.errors, 5000);
  assert.deepEqual(Object.values(one.figures.error_kinds), [5000]);
  const texts = one.attempts[0].exchanges.map(({direction, text}) => [direction, text]);
  assert.ok(texts.some(([direction, text]) => direction === '>' && text.includes('"tools/call"')), JSON.stringify(texts));
  assert.ok(texts.some(([direction, text]) => direction === '<' && text.includes('hello')), JSON.stringify(texts));
});
