import {accessToken, ApiError} from '../api/client';
import type {Problem} from '../api/types';
import {t} from '../messages/en/ui';

// A file made here, to the browser's downloads.
export function download(name: string, content: Blob | string, type = 'text/csv') {
  const url = URL.createObjectURL(typeof content === 'string' ? new Blob([content], {type}) : content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // some browsers read it after the click
}
export const fileName = (title: string, ending: string) => `${title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'chart'}.${ending}`;

// A file that the server makes, as it makes it.
export async function downloadFrom(path: string) {
  const answer = await fetch(path, {headers: {authorization: `Bearer ${await accessToken()}`}});
  if (!answer.ok) throw new ApiError(answer.status, (await answer.json().catch(() => ({detail: t.serverAnswered(answer.status)}))) as Problem);
  const name = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? 'telltale';
  download(name, await answer.blob());
}
