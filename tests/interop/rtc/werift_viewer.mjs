// A viewer that stays: node werift_viewer.mjs URL TOKEN [PORT]. Watches by WHEP, reports on its `stats` channel each half second what it
// has counted, prints a JSON line when it is connected and one for each message on that channel. Ends with its stdin. PORT is that of
// a lossy_link before the server (which is ICE-lite, so that there is no other way to it).
import {RTCPeerConnection, RTCRtpCodecParameters} from 'werift';

const [url, token, relay] = process.argv.slice(2);
const feedback = ['nack', 'nack pli', 'transport-cc'].map((text) => ({type: text.split(' ')[0], parameter: text.split(' ')[1]}));
const peer = new RTCPeerConnection({
  codecs: {
    video: [new RTCRtpCodecParameters({mimeType: 'video/VP8', clockRate: 90000, rtcpFeedback: feedback})],
    audio: [new RTCRtpCodecParameters({mimeType: 'audio/opus', clockRate: 48000, channels: 2})],
  },
});
const say = (what) => process.stdout.write(JSON.stringify(what) + '\n');
let frames = 0;
peer.addTransceiver('video', {direction: 'recvonly'}).onTrack.subscribe((track) => track.onReceiveRtp.subscribe((rtp) => (frames += rtp.header.marker ? 1 : 0)));
peer.addTransceiver('audio', {direction: 'recvonly'});
const channel = peer.createDataChannel('stats');
channel.onMessage.subscribe((data) => say({message: String(data)}));
peer.connectionStateChange.subscribe((state) => say({state}));
const began = Date.now();
setInterval(() => {
  if (channel.readyState !== 'open') return;
  channel.send(JSON.stringify({type: 'stats', frames_decoded: frames, frames_per_second: (1000 * frames) / (Date.now() - began), frames_dropped: 0, freezes: 0, freeze_seconds: 0, jitter_ms: 3, jitter_buffer_ms: 80}));
}, 500);
await peer.setLocalDescription(await peer.createOffer());
const answer = await fetch(url, {method: 'POST', headers: {'content-type': 'application/sdp', authorization: `Bearer ${token}`}, body: peer.localDescription.sdp});
if (answer.status !== 201) throw new Error(await answer.text());
const sdp = await answer.text();
await peer.setRemoteDescription({type: 'answer', sdp: relay ? sdp.replace(/^a=candidate:.* tcp .*\r\n/gim, '').replace(/\S+ \d+ typ host/g, `127.0.0.1 ${relay} typ host`) : sdp});
say({id: decodeURIComponent(answer.headers.get('location').split('/').at(-1))});
process.stdin.on('end', () => process.exit(0)).resume();
