// The Pulse: the worst state of the fleet, a pixel a second over the last 20 minutes. A click leads to that moment.
import {type MouseEvent, useEffect, useRef} from 'react';
import {useLocation} from 'wouter';
import {get, may} from '../api/client';
import type {Curve} from '../chart/grid';
import {live, pulseSeconds, useLive} from '../live/store';
import {t} from '../messages/en/shell';
import {searchOf} from '../time/range';
import {onTheme} from '../ui/theme';
import {pulseOf} from './pulsePast';

const names = ['--ok', '--info', '--warn', '--warn', '--down'];
const aroundMs = 150_000;

function draw(element: HTMLCanvasElement, pulse: number[]) {
  const context = element.getContext('2d');
  if (!context) return;
  if (element.width !== element.clientWidth) element.width = element.clientWidth;
  const style = getComputedStyle(document.documentElement);
  const colours = names.map((name) => style.getPropertyValue(name));
  const idle = style.getPropertyValue('--idle');
  context.clearRect(0, 0, element.width, 6);
  const wide = element.width / pulseSeconds;
  const first = pulseSeconds - pulse.length;
  pulse.forEach((worst, index) => {
    context.fillStyle = worst < 0 ? idle : colours[worst];
    const tall = worst <= 0 ? 2 : 2 + worst;
    const left = Math.floor((first + index) * wide);
    context.fillRect(left, 6 - tall, Math.ceil((first + index + 1) * wide) - left, tall);
  });
}

// What was before the page was opened, from the figures the server keeps.
async function readPast() {
  const off = [...live.servers.values()].filter(({health_status}) => health_status === 'stopped' || health_status === 'disabled').map(({name}) => name);
  const but = off.length ? `{server!~"${off.join('|')}"}` : '';
  const read = async (q: string) => (await get<{series: Curve[]}>(`/api/metrics?${new URLSearchParams({q, range: '20m', step: '5s'})}`)).series[0]?.points ?? [];
  const [up, circuit] = await Promise.all([read(`min(server_up${but}) by ()`), read(`max(server_circuit${but}) by ()`)]);
  live.setPast(pulseOf(up, circuit, Date.now(), pulseSeconds));
}

export function Pulse() {
  const store = useLive();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [, navigate] = useLocation();
  const known = store.servers.size > 0;
  useEffect(() => { if (known && may('metrics:read')) void readPast().catch(() => undefined); }, [known]); // without it the line begins now
  useEffect(() => { if (canvas.current) draw(canvas.current, store.pulse); }, [store.pulse.length, store.pulseTurn]);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const again = () => draw(element, live.pulse);
    const resize = new ResizeObserver(again);
    resize.observe(element);
    const forget = onTheme(again);
    return () => { resize.disconnect(); forget(); };
  }, []);
  const travel = (event: MouseEvent<HTMLCanvasElement>) => {
    const {left, width} = event.currentTarget.getBoundingClientRect();
    const at = Date.now() - (1 - (event.clientX - left) / width) * pulseSeconds * 1000;
    const {from, to} = searchOf({from: at - aroundMs, to: Math.min(Date.now(), at + aroundMs)});
    navigate(`/?${new URLSearchParams({from, to})}`);
  };
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
  return <canvas ref={canvas} className="pulse" height={6} role="img" aria-label={t.pulse} title={t.pulseHint} onClick={travel} />;
}
