import {expect, test} from 'vitest';
import {completeAt, namesUnder, tagsIn} from './complete';
import {placeAt} from './place';

const at = (text: string) => ({text: text.replace('|', ''), offset: text.indexOf('|')});
const place = (marked: string) => { const {text, offset} = at(marked); return placeAt(text, offset); };
const schema = {
  type: 'object', required: ['name'],
  properties: {
    name: {type: 'string', description: 'what it is called'}, isolation: {type: 'string', enum: ['run', 'case', 'shared']}, servers: {type: 'object', additionalProperties: {$ref: '#/$defs/server'}},
    cases: {type: 'array', items: {$ref: '#/$defs/case'}},
  },
  $defs: {
    server: {type: 'object', properties: {command: {type: 'string'}, fleet: {type: 'string'}, env: {type: 'object'}}},
    case: {type: 'object', properties: {name: {type: 'string'}, server: {type: 'string'}, serial: {type: 'boolean'}, steps: {type: 'array', items: {$ref: '#/$defs/step'}}}},
    step: {oneOf: [{required: ['call']}], properties: {call: {type: 'string'}, arguments: {type: 'object'}, expect: {type: 'object', properties: {status: {enum: ['ok', 'error']}}}}},
  },
};
const labels = (marked: string, more = () => null as string[] | null) => { const {text, offset} = at(marked); return completeAt(schema, text, offset, more)?.options.map(({label}) => label) ?? null; };

test('a place is the path of keys and lists around it', () => {
  expect(place('na|')).toMatchObject({path: [], value: null, typed: 'na', indent: 0});
  expect(place('cases:\n  - name: a\n    steps:\n      - call: x\n        ex|')?.path).toEqual(['cases', 0, 'steps', 0]);
  expect(place('cases:\n- name: a\n  steps:\n  - call: x\n    expect:\n      sta|')?.path).toEqual(['cases', 0, 'steps', 0, 'expect']);
  expect(place('cases:\n  - name: a\n\n    # a comment\n  - |')?.path).toEqual(['cases', 0]);
  expect(place('servers:\n  a:\n    command: x\n  b:\n    |')?.path).toEqual(['servers', 'b']);
  expect(place('isolation: ru|')).toMatchObject({path: ['isolation'], value: 'isolation', typed: 'ru'});
});
test('there is no place in a block of text, a comment or a flow collection', () => {
  expect(place('description: |-\n  some |text'.replace('|-', '>'))).toBeNull();
  expect(place('name: a # co|')).toBeNull();
  expect(place('args: [a, |')).toBeNull();
});
test('keys that are there already are not offered, above or below', () => {
  expect(labels('name: a\n|\ncases: []')).toEqual(['isolation', 'servers']);
  expect(labels('cases:\n  - name: a\n    |\n    serial: true\n  - steps: []')).toEqual(['server', 'steps']);
  expect(labels('cases:\n  - steps: []\n  - |')).toEqual(['name', 'server', 'serial', 'steps']);
});
test('keys come through references and alternatives, values from enumerations, booleans and what the page knows', () => {
  expect(labels('cases:\n  - steps:\n      - |')).toEqual(['call', 'arguments', 'expect']);
  expect(labels('servers:\n  mine:\n    f|')).toEqual(['fleet']);
  expect(labels('isolation: |')).toEqual(['run', 'case', 'shared']);
  expect(labels('isolation: s|')).toEqual(['shared', 'case']);
  expect(labels('cases:\n  - serial: |')).toEqual(['true', 'false']);
  expect(labels('cases:\n  - server: |', () => ['mine'])).toEqual(['mine']);
  expect(labels('unknown:\n  |')).toBeNull();
});
test('what is inserted opens objects and lists where they go', () => {
  const {text, offset} = at('cases:\n  - st|');
  expect(completeAt(schema, text, offset)).toMatchObject({from: offset - 2, options: [{label: 'steps', insert: 'steps:\n      - '}]});
});
test('the names under a key', () => {
  expect(namesUnder('name: a\nservers:\n  # c\n  one:\n    command: x\n  two: {fleet: y}\ncases:\n  - server: one\n', 'servers')).toEqual(['one', 'two']);
});
test('the tags of a suite, however they are written', () => {
  expect(tagsIn('tags: [smoke, "slow one"]\ncases:\n  - name: a\n    tags:\n      - io\n      - smoke\n    steps: []\n  - tags: [x]\n')).toEqual(['io', 'slow one', 'smoke', 'x']);
  expect(tagsIn('cases: []\n')).toEqual([]);
});
