"""GStreamer's webrtcbin as a server: webrtc_gstreamer_peer.py PORT FILM.ts. Each POST /whep is a viewer with a webrtcbin; all have the film's packets from one tee."""
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

port, film = int(sys.argv[1]), sys.argv[2]
Gst.init(None)
pipe = Gst.parse_launch(
    f"filesrc location={film} ! tsdemux ! h264parse config-interval=-1 ! identity sync=true ! rtph264pay pt=96 mtu=1180 config-interval=-1 ! "
    "application/x-rtp,media=video,encoding-name=H264,payload=96,packetization-mode=(string)1 ! tee name=split allow-not-linked=true")
split = pipe.get_by_name("split")
kept = []  # what GStreamer still uses


def asked(rtc, signal, *arguments):
    done = threading.Event()
    promise = Gst.Promise.new_with_change_func(lambda *_: done.set(), None)
    rtc.emit(signal, *arguments, promise)
    done.wait(20)
    reply = promise.get_reply()
    kept.extend([promise, reply, arguments])
    return reply


def answer(text):
    part = Gst.parse_bin_from_description("queue name=queue leaky=downstream max-size-buffers=500 ! application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,packetization-mode=(string)1 ! webrtcbin name=rtc bundle-policy=max-bundle", False)
    part.add_pad(Gst.GhostPad.new("sink", part.get_by_name("queue").get_static_pad("sink")))
    rtc = part.get_by_name("rtc")
    pipe.add(part)
    gathered = threading.Event()
    rtc.connect("notify::ice-gathering-state", lambda *_: rtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE and gathered.set())
    rtc.emit("get-transceiver", 0).set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
    part.sync_state_with_parent()
    _, message = GstSdp.SDPMessage.new()
    GstSdp.sdp_message_parse_buffer(text.encode(), message)
    offer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.OFFER, message)
    kept.extend([message, offer])
    asked(rtc, "set-remote-description", offer)
    made = asked(rtc, "create-answer", None).get_value("answer")
    asked(rtc, "set-local-description", made)
    gathered.wait(20)
    split.request_pad_simple("src_%u").link(part.get_static_pad("sink"))
    return rtc.get_property("local-description").sdp.as_text()


class Handler(BaseHTTPRequestHandler):
    lock = threading.Lock()

    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def do_POST(self):
        text = self.rfile.read(int(self.headers["content-length"])).decode()
        with Handler.lock:
            sdp = answer(text).encode()
        self.send_response(201)
        self.send_header("content-type", "application/sdp")
        self.send_header("content-length", str(len(sdp)))
        self.end_headers()
        self.wfile.write(sdp)

    def log_message(self, *_):
        pass


pipe.set_state(Gst.State.PLAYING)
threading.Thread(target=ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever, daemon=True).start()
GLib.MainLoop().run()
