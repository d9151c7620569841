// Alerts in words and in order, apart from how they are drawn.
import {t} from '../messages/en/bell';
import type {Alert, AlertState, Definition, Rule, Severity} from './types';

export const severityTone: Record<Severity, 'down' | 'warn' | 'info'> = {critical: 'down', warning: 'warn', info: 'info'};
export const severityWord: Record<Severity, string> = {get critical() { return t.critical; }, get warning() { return t.warning; }, get info() { return t.info; }};
const rank: Record<Severity, number> = {critical: 2, warning: 1, info: 0};

export const worstFirst = (alerts: Alert[]) => [...alerts].sort((a, b) => rank[b.severity] - rank[a.severity] || b.fired_at.localeCompare(a.fired_at));
export const inState = (alerts: Alert[], state: AlertState) => alerts.filter((one) => one.state === state);
export const needsSomebody = (alerts: Alert[]) => inState(alerts, 'firing');

// What one alert's event makes of the list.
export function withEvent(alerts: Alert[], data: Alert & {event: string}): Alert[] {
  const {event, ...alert} = data;
  if (event === 'notification' || event === 'test') return alerts;
  const rest = alerts.filter(({id}) => id !== alert.id);
  return alert.resolved_at ? rest : worstFirst([...rest, alert]);
}

const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
// The alerts of this rule and of this series, also those that come later.
export function matchersOf({rule, labels}: Pick<Alert, 'rule' | 'labels'>): string {
  return [`rule=${quoted(rule)}`, ...Object.entries(labels).map(([label, value]) => `${label}=${quoted(value)}`)].join(', ');
}

export function definitionOf(rule: Rule): Definition {
  const {name, condition, for_s, keep_firing_for_s, severity, labels, summary, runbook, channels, group_s, escalate_after_s, escalate_to, enabled} = rule;
  return {name, condition, for_s, keep_firing_for_s, severity, labels, summary, runbook, channels, group_s, escalate_after_s, escalate_to, enabled};
}

export const blankRule: Definition = {
  name: '', condition: {kind: 'metric', query: '', divided_by: '', comparison: 'above', threshold: 0, samples: 0, event: '', where: '', until: '', by: [], count: 1, window_s: 60},
  for_s: 0, keep_firing_for_s: 0, severity: 'warning', labels: {}, summary: '', runbook: '', channels: [], group_s: 5, escalate_after_s: 0, escalate_to: [], enabled: true,
};

// Whether a time of the day is within quiet hours, which may go over midnight.
export function isQuiet(from: string, to: string, now: Date): boolean {
  if (!from || !to || from === to) return false;
  const at = `${String(now.getHours()).padStart(2, '0')}:${String(now.getMinutes()).padStart(2, '0')}`;
  return from < to ? at >= from && at < to : at >= from || at < to;
}
