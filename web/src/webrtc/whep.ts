// WHEP from the page: requests whose bodies are SDP, and the pieces of SDP that an ICE restart changes (RFC 9725 section 4.3).
import {accessToken} from '../api/client';
import type {Problem} from '../api/types';
import {t} from '../messages/en/ui';

export class ResourceError extends Error {
  constructor(readonly status: number, detail: string) {
    super(detail);
  }
}

export async function whep(path: string, {method, type, body, etag}: {method: string; type?: string; body?: string; etag?: string}) {
  const headers: Record<string, string> = {authorization: `Bearer ${await accessToken()}`};
  if (type) headers['content-type'] = type;
  if (etag) headers['if-match'] = etag;
  const response = await fetch(path, {method, headers, body});
  const text = await response.text();
  if (response.ok) return {headers: response.headers, text};
  let detail = t.serverAnswered(response.status);
  try {
    detail = (JSON.parse(text) as Problem).detail ?? detail;
  } catch {
    // no problem document: the status is what there is to say
  }
  throw new ResourceError(response.status, detail);
}

const line = (sdp: string, name: string) => new RegExp(`^a=${name}:.*$`, 'm').exec(sdp)?.[0].trim() ?? '';

// The credentials of an offer, as trickle-ice-sdpfrag; the server finds us by our checks and needs no candidates.
export const fragmentOf = (sdp: string) => `${[line(sdp, 'ice-ufrag'), line(sdp, 'ice-pwd'), 'a=ice-options:trickle', 'm=video 9 UDP/TLS/RTP/SAVPF 0', line(sdp, 'mid')].join('\r\n')}\r\n`;

// The answer of before with the credentials and candidates of a fragment.
export function withFragment(sdp: string, fragment: string): string {
  const candidates = fragment.split(/\r?\n/).filter((one) => /^a=(candidate:|end-of-candidates)/.test(one));
  let first = true;
  return sdp.split(/\r?\n/).flatMap((one) => {
    if (/^a=(candidate:|end-of-candidates)/.test(one)) return [];
    if (one.startsWith('a=ice-ufrag:')) return [line(fragment, 'ice-ufrag')];
    if (!one.startsWith('a=ice-pwd:')) return [one];
    const here = first ? candidates : []; // bundled: those of the first section are everybody's
    first = false;
    return [line(fragment, 'ice-pwd'), ...here];
  }).join('\r\n');
}
