// What both sides counted of each stream, under the names of W3C webrtc-stats; the path and the ciphers beside it.
import type {Json} from '../api/types';
import {t} from '../messages/en/connection';
import {locale} from '../messages/language';
import {bytes, fixed, milliseconds, safe} from '../ui/format';
import {bitrate} from './format';
import type {Connection, Counters, StreamStatistics} from './types';

const hidden = new Set(['type', 'ssrc', 'kind', 'id', 'timestamp']);
function valueText(name: string, value: Json): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') {
    if (/bitrate/i.test(name)) return bitrate(value);
    if (name === 'fractionLost') return `${fixed(100 * value, 2)} %`;
    if (/^(jitter|roundTripTime)$/.test(name)) return milliseconds(value * 1000);
    return Number.isInteger(value) ? value.toLocaleString(locale()) : fixed(value, 3);
  }
  if (typeof value === 'object') return Object.entries(value).map(([key, one]) => `${key} ${typeof one === 'number' ? Math.round(one * 10) / 10 : String(one)}`).join(', ');
  return safe(String(value));
}

const sides = ['outbound-rtp', 'remote-inbound-rtp', 'inbound-rtp'] as const;

function Stream({stream}: {stream: StreamStatistics}) {
  const shown = sides.filter((type) => stream[type]);
  const names = [...new Set(shown.flatMap((type) => Object.keys(stream[type] as Counters)))].filter((name) => !hidden.has(name));
  if (shown.length === 0) return null;
  const title = `${stream.kind || t.stream}${stream.ssrc === null ? '' : `, ssrc ${stream.ssrc}`}`;
  return (
    <details>
      <summary>{title} <span className="muted">{shown.map((type) => t.sides[type]).join(', ')}</span></summary>
      <div className="table-wrap" role="region" aria-label={t.statisticsOf(title)} tabIndex={0}><table className="grid"><thead><tr><th scope="col">{t.identifier}</th>{shown.map((type) => <th key={type} scope="col" className="num">{t.sides[type]}</th>)}</tr></thead>
        <tbody>{names.map((name) => <tr key={name}><th scope="row" className="mono">{name}</th>{shown.map((type) => <td key={type} className="num">{valueText(name, (stream[type] as Counters)[name] ?? null)}</td>)}</tr>)}</tbody></table></div>
    </details>
  );
}

export function Statistics({streams}: {streams: StreamStatistics[]}) {
  if (streams.length === 0) return <p className="muted">{t.nothingCounted}</p>;
  return <>{streams.map((stream, index) => <Stream key={`${stream.kind}${stream.ssrc ?? index}`} stream={stream} />)}</>;
}

export function Path({connection}: {connection: Connection}) {
  const {candidatePair: pair, transport, bandwidth} = connection.stats;
  return (
    <dl className="facts">
      <div><dt>ICE</dt><dd>{transport.iceState}{pair.nominated ? t.nominated : ''}{pair.state ? `, ${pair.state}` : ''}{(transport.selectedCandidatePairChanges ?? 0) > 1 && t.pathChanged((transport.selectedCandidatePairChanges ?? 1) - 1)}</dd></div>
      <div><dt>{t.candidatePair}</dt><dd className="mono wrap">{pair.local ? `${safe(pair.local)} ↔ ${safe(pair.remote)} ${pair.protocol}` : '–'}</dd></div>
      <div><dt>{t.checks}</dt><dd>{t.checksText(pair.requestsReceived ?? 0, pair.responsesSent ?? 0, milliseconds(pair.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000))}</dd></div>
      <div><dt>DTLS</dt><dd>{transport.dtlsState}{transport.dtlsRole ? t.asRole(transport.dtlsRole) : ''}{transport.tlsVersion ? `, ${/^fefd$/i.test(transport.tlsVersion) ? 'DTLS 1.2' : transport.tlsVersion}` : ''}</dd></div>
      <div><dt>{t.ciphers}</dt><dd className="mono wrap">{[transport.dtlsCipher, transport.srtpCipher].filter(Boolean).join(', ') || '–'}</dd></div>
      <div><dt>{t.bandwidth}</dt><dd>{t.bandwidthText(bitrate(bandwidth.targetBitrate), bitrate(bandwidth.acknowledgedBitrate), bandwidth.usage ?? '')}{bandwidth.queueDelay !== undefined && t.queueText(milliseconds(bandwidth.queueDelay * 1000))}</dd></div>
      <div><dt>{t.moved}</dt><dd>{t.movedText(bytes(transport.bytesSent), bytes(transport.bytesReceived))}</dd></div>
      <div><dt>{t.codecs}</dt><dd>{[connection.video_codec, connection.audio_codec].filter(Boolean).join(', ') || '–'}</dd></div>
    </dl>
  );
}
