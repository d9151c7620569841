// What the alert operations answer (docs/alerts.md).
export type Severity = 'info' | 'warning' | 'critical';
export type AlertState = 'firing' | 'acknowledged' | 'silenced' | 'resolved';
export interface Silence {id: string; matchers: string; reason: string; created_by: string; created_at: string; until: string}
export interface Episode {labels: Record<string, string>; from: string; to: string | null; duration_s: number; value: number}
export interface Curve {name: string; labels: Record<string, string>; points: [number, number][]}
export interface Rehearsal {start: string; end: string; step_ms: number; fired: number; total_s: number; longest_s: number; series: number; events: number; cut: boolean; episodes: Episode[]; curves: Curve[]; sentence?: string; threshold?: number}
export interface Alert {
  id: string; rule: string; name: string; state: AlertState; severity: Severity; labels: Record<string, string>; summary: string; value: number; runbook: string; condition?: string;
  pending_since: string; fired_at: string; resolved_at: string | null; acknowledged_by: string; acknowledged_at: string | null; note: string; escalated_at: string | null; silence?: Silence; threshold?: number; evidence?: Rehearsal;
}
export interface Condition {kind: 'metric' | 'event' | 'absence'; query: string; divided_by: string; comparison: 'above' | 'at_least' | 'below' | 'at_most'; threshold: number; samples: number; event: string; where: string; until: string; by: string[]; count: number; window_s: number}
export interface Definition {name: string; condition: Condition; for_s: number; keep_firing_for_s: number; severity: Severity; labels: Record<string, string>; summary: string; runbook: string; channels: string[]; group_s: number; escalate_after_s: number; escalate_to: string[]; enabled: boolean}
export interface Rule extends Definition {id: string; built_in: boolean; changed: boolean; changed_by: string; changed_at: string | null; sentence: string; firing: number; pending: number; left_out: number; trouble: string}
export interface Quiet {from: string; to: string; days: string[]; time_zone: string}
export interface ChannelDefinition {name: string; kind: 'browser' | 'email' | 'webhook' | 'slack'; to: string[]; secret_url: string; secret: string; least_severity: Severity; resolved: boolean; quiet: Quiet; enabled: boolean}
export interface Channel extends ChannelDefinition {id: string; quiet_now: boolean; delivered_at: string | null; failed_at: string | null; error: string; changed_by: string}
