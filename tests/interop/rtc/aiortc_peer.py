"""aiortc against the engine: python3 aiortc_peer.py ORIGIN watch|publish|answer CODEC SECONDS [PATH]. Prints what it counted as JSON."""
import asyncio
import json
import sys
import urllib.request

from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack

origin, what, codec, seconds = sys.argv[1:5]
path = sys.argv[5] if len(sys.argv) > 5 else "/whep"


def post(sdp, path=path):
    request = urllib.request.Request(origin + path, data=sdp.encode(), method="POST", headers={"Content-Type": "application/sdp"})
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode(), answer.headers["Location"]


async def count(track, counts):
    try:
        while True:
            frame = await track.recv()
            counts[track.kind] += 1
            if track.kind == "video":
                counts["height"] = frame.height
    except MediaStreamError:
        pass


def only_wanted():
    return [c for c in RTCRtpSender.getCapabilities("video").codecs if c.mimeType.lower() == f"video/{codec}".lower()]


# The server offers; of its video codecs we take the one that is wanted (aiortc chooses when it is given the offer).
async def answer(peer, counts):
    offer, counts["location"] = post("", "/offer")
    peer.addTransceiver("video", direction="recvonly").setCodecPreferences(only_wanted())
    await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    await peer.setLocalDescription(await peer.createAnswer())
    post(peer.localDescription.sdp, counts["location"] + "/answer")


async def main():
    peer = RTCPeerConnection()
    counts = {"video": 0, "audio": 0, "echo": 0, "height": 0}
    tasks = []
    peer.on("track", lambda track: tasks.append(asyncio.ensure_future(count(track, counts))))
    if what == "answer":
        await answer(peer, counts)
        await asyncio.sleep(float(seconds))
        counts["state"] = peer.connectionState
        print(json.dumps(counts), flush=True)
        await peer.close()
        return
    direction = "recvonly" if what == "watch" else "sendonly"
    if what == "watch":
        video = peer.addTransceiver("video", direction=direction)
        peer.addTransceiver("audio", direction=direction)
        channel = peer.createDataChannel("echo")
        channel.on("open", lambda: channel.send("x" * 5000))

        @channel.on("message")
        def on_message(message):
            counts["echo"] = len(message)
    else:
        video = peer.addTransceiver(VideoStreamTrack(), direction=direction)
        peer.addTransceiver(AudioStreamTrack(), direction=direction)
    video.setCodecPreferences(only_wanted())
    await peer.setLocalDescription(await peer.createOffer())
    sdp, counts["location"] = post(peer.localDescription.sdp)
    await peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
    await asyncio.sleep(float(seconds))
    counts["state"] = peer.connectionState
    print(json.dumps(counts), flush=True)
    await peer.close()


asyncio.run(main())
