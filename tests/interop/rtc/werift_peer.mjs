// werift (a WebRTC in TypeScript) against the engine: node werift_peer.mjs ORIGIN CODEC SECONDS. Frames are counted by their last packets.
import {RTCPeerConnection, RTCRtpCodecParameters} from 'werift';

const [origin, codec, seconds] = process.argv.slice(2);
const feedback = ['nack', 'nack pli', 'transport-cc'].map((text) => ({type: text.split(' ')[0], parameter: text.split(' ')[1]}));
const peer = new RTCPeerConnection({
  codecs: {
    video: [new RTCRtpCodecParameters({mimeType: `video/${codec}`, clockRate: 90000, rtcpFeedback: feedback, parameters: codec === 'H264' ? 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1' : undefined})],
    audio: [new RTCRtpCodecParameters({mimeType: 'audio/opus', clockRate: 48000, channels: 2})],
  },
});
const counts = {video: 0, audio: 0, echo: 0};
for (const kind of ['video', 'audio'])
  peer.addTransceiver(kind, {direction: 'recvonly'}).onTrack.subscribe((track) => {
    track.onReceiveRtp.subscribe((rtp) => {
      if (kind === 'audio' || rtp.header.marker) ++counts[kind];
    });
  });
const channel = peer.createDataChannel('echo');
channel.stateChanged.subscribe((state) => state === 'open' && channel.send(Buffer.from('x'.repeat(2000))));
channel.onMessage.subscribe((data) => (counts.echo = data.length));
await peer.setLocalDescription(await peer.createOffer());
const answer = await fetch(`${origin}/whep`, {method: 'POST', body: peer.localDescription.sdp});
if (answer.status !== 201) throw new Error(await answer.text());
await peer.setRemoteDescription({type: 'answer', sdp: await answer.text()});
setTimeout(async () => {
  console.log(JSON.stringify({...counts, state: peer.connectionState}));
  process.exit(0);
}, Number(seconds) * 1000);
