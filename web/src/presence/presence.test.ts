// Anchors land where the same thing is shown at another width; people, chat and notes follow what the server says.
import {beforeEach, describe, expect, test, vi} from 'vitest';
import {type ShownChart, chartNamed, showChart, shownPlot} from '../chart/shown';
import {anchorAt, placeOf} from './anchors';
import {faceOf} from './faces';
import {People} from './people';
import {partsOf, Talk} from './talk';

// As much of the page as anchors ask of it.
class FakeElement {
  scrollTop = 0;
  constructor(readonly name: string, private box: {left: number; top: number; width: number; height: number}, readonly scrollHeight = 0, readonly id = '') {}
  getAttribute(name: string) { return name === 'data-testid' && this.name ? this.name : null; }
  getBoundingClientRect() { return {...this.box, right: this.box.left + this.box.width, bottom: this.box.top + this.box.height}; }
  closest() { return this; }
  contains(other: unknown) { return other === this; }
}
const page = (elements: FakeElement[]) => {
  vi.stubGlobal('CSS', {escape: (text: string) => text});
  vi.stubGlobal('innerHeight', 1000);
  vi.stubGlobal('document', {querySelector: (query: string) => elements.find(({name, id}) => (name && query.includes(`"${name}"`)) || (id && query.includes(`#${id}`))) ?? null});
};
const asElement = (one: FakeElement) => one as unknown as Element;

describe('anchors', () => {
  test('a share of an element is the same share at another width', () => {
    const wide = new FakeElement('server-row-memory', {left: 200, top: 300, width: 1000, height: 40});
    page([wide]);
    const anchor = anchorAt(asElement(wide), 700, 310);
    expect(anchor).toEqual({element: 'server-row-memory', x: 0.5, y: 0.25});
    page([new FakeElement('server-row-memory', {left: 0, top: 500, width: 390, height: 80})]);
    expect(placeOf(anchor ?? {})).toEqual({x: 195, y: 520});
  });
  test('is nowhere where that element is not, or not on the screen', () => {
    page([]);
    expect(placeOf({element: 'server-row-memory', x: 0.5, y: 0.5})).toBeNull();
    page([new FakeElement('a', {left: 0, top: 5000, width: 10, height: 10})]);
    expect(placeOf({element: 'a', x: 0.5, y: 0.5})).toBeNull();
  });
  test('in what scrolls it is a share of all there is', () => {
    const main = new FakeElement('', {left: 0, top: 50, width: 100, height: 500}, 2000, 'main');
    main.scrollTop = 1000;
    page([main]);
    expect(anchorAt(asElement(main), 50, 50)).toEqual({element: 'main', x: 0.5, y: 0.5});
    main.scrollTop = 900;
    expect(placeOf({element: 'main', x: 0.5, y: 0.5})).toEqual({x: 50, y: 150});
  });
  test('on a chart it is a time and a value, whatever the width and the range', () => {
    const plot = (width: number, min: number, max: number) => {
      const over = new FakeElement('', {left: 100, top: 100, width, height: 200});
      const scales = {x: {min, max}, y: {min: 0, max: 50}};
      return {over, made: shownPlot('Latency', asElement(over), {
        bbox: {left: 0, top: 0, width, height: 200}, over: asElement(over), scales,
        posToVal: (at, scale) => (scale === 'x' ? min + (at / width) * (max - min) : 50 - (at / 200) * 50),
        valToPos: (value, scale) => (scale === 'x' ? ((value - min) / (max - min)) * width : 200 - (value / 50) * 200),
      })};
    };
    const mine = plot(1000, 0, 1000);
    let hide = showChart(mine.made);
    const anchor = anchorAt(asElement(mine.over), 600, 200);
    expect(anchor).toEqual({chart: 'Latency', time: 500, value: 25});
    hide();
    expect(chartNamed('Latency')).toBeUndefined();
    hide = showChart(plot(200, 400, 600).made);
    expect(placeOf(anchor ?? {})).toEqual({x: 200, y: 200});
    hide();
    hide = showChart(plot(200, 600, 700).made as ShownChart);
    expect(placeOf(anchor ?? {})).toBeNull();
    hide();
  });
});

describe('people', () => {
  let sent: Record<string, unknown>[];
  let notices: string[];
  let people: People;
  const ada = {id: 'p_1', user: 'ada', page: '/logs', elsewhere: false, since: '', idle: false, yours: false};
  const hear = (data: Record<string, unknown>) => people.hear({type: 'presence', data});
  beforeEach(() => {
    sent = [];
    notices = [];
    people = new People((message) => sent.push(message as Record<string, unknown>), (text) => notices.push(text));
    people.goTo({page: '/logs', query: '', scroll: 0, idle: false, invisible: false});
    hear({event: 'list', me: 'p_0', mutual: false, people: [ada]});
  });
  test('says where it is once, and again after a new connection', () => {
    people.goTo({page: '/logs', query: '', scroll: 0, idle: false, invisible: false});
    expect(sent).toHaveLength(1);
    people.rejoin();
    expect(sent).toHaveLength(2);
    expect(people.all.size).toBe(0);
  });
  test('forgets the cursor of who looks elsewhere', () => {
    people.hearCursor({type: 'cursor', data: {id: 'p_1', anchor: {element: 'x', x: 0, y: 0}, selection: null}});
    expect(people.cursors.size).toBe(1);
    hear({event: 'changed', person: {...ada, page: '/servers'}});
    expect(people.cursors.size).toBe(0);
    expect(people.beside()).toEqual([]);
  });
  test('follows until whom it follows leaves or refuses', () => {
    people.follow('p_1');
    hear({event: 'view', id: 'p_1', elsewhere: false, page: '/servers', query: 'q=x'});
    expect(people.view?.page).toBe('/servers');
    hear({event: 'refused', id: 'p_1'});
    expect([people.following, people.view, notices]).toEqual(['', null, ['ada does not want to be followed']]);
    people.follow('p_1');
    hear({event: 'left', id: 'p_1'});
    expect(people.following).toBe('');
    hear({event: 'joined', person: {...ada, id: 'p_2'}});
    expect(people.following, 'a reload').toBe('p_2');
    people.rejoin();
    hear({event: 'list', me: 'p_9', mutual: false, people: [{...ada, id: 'p_3'}]});
    expect(people.following, 'a connection of mine').toBe('p_3');
    people.stopFollowing();
    hear({event: 'joined', person: {...ada, id: 'p_4'}});
    expect(people.following).toBe('');
  });
  test('shows no cursor of mine while I am invisible', () => {
    people.goTo({page: '/logs', query: '', scroll: 0, idle: false, invisible: true});
    people.point({anchor: null, selection: null});
    expect(sent.some(({action}) => action === 'cursor')).toBe(false);
  });
  test('a face stays the same, and has a pattern beside its colour', () => {
    expect(faceOf('ada lovelace')).toEqual(faceOf('ada lovelace'));
    expect(faceOf('ada lovelace').initials).toBe('AL');
    expect(new Set(['ada', 'bob', 'eve', 'joe', 'kim', 'lea', 'max'].map((one) => faceOf(one).colour + faceOf(one).pattern)).size).toBeGreaterThan(5);
  });
});

describe('chat', () => {
  const message = {id: 'm1', room: '', author: 'ada', yours: false, text: 'x', time: ''};
  test('counts what came while it was shut, not what one said oneself', () => {
    const talk = new Talk();
    talk.hear({type: 'chat', data: {event: 'said', message}});
    talk.hear({type: 'chat', data: {event: 'said', message: {...message, id: 'm2', yours: true}}});
    expect(talk.unread).toBe(1);
    talk.setOpen(true);
    expect(talk.unread).toBe(0);
  });
  test('shows a message once, and none that was removed', () => {
    const talk = new Talk();
    talk.rooms.set('', []);
    talk.hear({type: 'chat', data: {event: 'said', message}});
    talk.hear({type: 'chat', data: {event: 'said', message}});
    expect(talk.rooms.get('')).toHaveLength(1);
    talk.hear({type: 'chat', data: {event: 'removed', id: 'm1', room: ''}});
    expect(talk.rooms.get('')).toEqual([]);
  });
  test('makes links of pages only', () => {
    expect(partsOf('see /servers/x, and/or http://h/y').filter(({href}) => href)).toEqual([{text: '/servers/x,', href: '/servers/x'}]);
  });
});
