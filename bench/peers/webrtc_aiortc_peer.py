"""aiortc as a server: webrtc_aiortc_peer.py PORT FILM.ts. Each POST /whep is a viewer, who is passed on what is in the film, not decoded."""
import sys

from aiohttp import web
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer, MediaRelay

port, film = int(sys.argv[1]), sys.argv[2]
player = None
relay = MediaRelay()
peers = set()


async def whep(request):
    global player
    if player is None:
        player = MediaPlayer(film, decode=False)
    peer = RTCPeerConnection()
    peers.add(peer)
    await peer.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
    peer.addTrack(relay.subscribe(player.video, buffered=False))
    await peer.setLocalDescription(await peer.createAnswer())
    return web.Response(status=201, text=peer.localDescription.sdp, content_type="application/sdp")


async def home(_):
    return web.Response(text="aiortc")


async def close(_):
    for peer in peers:
        await peer.close()


app = web.Application()
app.router.add_post("/whep", whep)
app.router.add_get("/", home)
app.on_shutdown.append(close)
web.run_app(app, host="127.0.0.1", port=port, print=None)
