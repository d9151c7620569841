import {expect, test} from 'vitest';
import type {JsonObject} from '../api/types';
import {choicesOf, faultsOf, initialValue, kindOf, resolve} from './model';

const schema: JsonObject = {
  type: 'object',
  required: ['name', 'sub'],
  $defs: {size: {type: 'string', enum: ['s', 'm']}},
  properties: {name: {type: 'string', minLength: 2}, count: {type: 'integer', default: 3}, size: {$ref: '#/$defs/size'}, sub: {type: 'object', required: ['on'], properties: {on: {type: 'boolean'}}}},
};
test('defaults and required members fill the form', () => {
  expect(initialValue(schema, schema, true)).toEqual({count: 3, sub: {on: false}});
});
test('kinds, choices and references', () => {
  expect(kindOf(resolve((schema.properties as JsonObject).size, schema))).toBe('enum');
  expect(choicesOf({oneOf: [{const: 1, title: 'One'}, {const: 2}]})).toEqual([{value: 1, label: 'One'}, {value: 2, label: '2'}]);
  expect(kindOf({type: ['string', 'null']})).toBe('string');
  expect(kindOf({})).toBe('json');
});
test('faults name their field', () => {
  expect(faultsOf(schema, {name: 'x', sub: {on: true}}).some((fault) => fault.pointer === '/name')).toBe(true);
  expect(faultsOf(schema, {name: 'xy', sub: {on: true}})).toEqual([]);
});
