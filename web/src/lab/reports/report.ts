// Reports as the API has them (docs/reports.md), and getting their files.
import {accessToken, ApiError} from '../../api/client';
import type {JsonObject, Problem} from '../../api/types';
import {t} from '../../messages/en/reports';

export interface ReportFile {format: string; bytes: number}
export interface Report {id: string; kind: string; title: string; parameters: JsonObject; files: ReportFile[]; owner: string; created_at: string}

export const kinds = (): [string, string][] => [['fleet_health', t.fleetHealth], ['incident', t.incident], ['webrtc', t.webrtc], ['run', t.testRun], ['comparison', t.comparison]];
export const kindWord = (kind: string) => kinds().find(([name]) => name === kind)?.[1] ?? kind.replaceAll('_', ' ');
export const formatsOf = (kind: string) => ['html', 'pdf', 'markdown', 'csv', 'json', ...(kind === 'run' ? ['junit'] : [])];
export const isOfRuns = (kind: string) => kind === 'run' || kind === 'comparison';
const extensions: Record<string, string> = {markdown: 'md', junit: 'xml'};
export const spans = (): [string, number][] => [[t.hour, 1], [t.day, 24], [t.week, 168], [t.thirtyDays, 720], [t.year, 8760]];
export const usualSpan: Record<string, number> = {fleet_health: 168, incident: 1, webrtc: 24};

// Addresses as they are typed: by comma, semicolon, space or line.
export const addressesIn = (text: string) => [...new Set(text.split(/[\s,;]+/).filter(Boolean))];

export const rangeOf = (hours: number, now: number) => ({from: new Date(now - hours * 3_600_000).toISOString(), to: new Date(now).toISOString()});

async function fileOf(report: Report, format: string): Promise<Blob> {
  const answer = await fetch(`/api/reports/${encodeURIComponent(report.id)}?format=${format}`, {headers: {authorization: `Bearer ${await accessToken()}`}});
  if (answer.ok) return answer.blob();
  throw new ApiError(answer.status, (await answer.json().catch(() => ({detail: t.serverAnswered(answer.status)}))) as Problem);
}

// A page of its own brings its own styles: it is saved and opened from there, because this page's policy would not let them apply.
export async function save(report: Report, format: string) {
  const url = URL.createObjectURL(await fileOf(report, format));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${report.kind}-${report.created_at.slice(0, 10)}.${extensions[format] ?? format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// What can be read as text is shown beside.
export const textOf = async (report: Report, format: string) => (await fileOf(report, format)).text();
