"""GStreamer's webrtcbin against the engine: python3 gstreamer_peer.py ORIGIN watch|publish CODEC SECONDS [PATH]. Prints what it counted as JSON."""
import json
import sys
import urllib.error
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

origin, what, codec, seconds = sys.argv[1:5]
path = sys.argv[5] if len(sys.argv) > 5 else "/whep"
Gst.init(None)
counts = {"video": 0, "audio": 0}
payload = {"H264": 96, "VP8": 97}[codec]
formats = {
    "H264": "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,packetization-mode=(string)1,"
    "profile-level-id=(string)42e01f,rtcp-fb-nack=true,rtcp-fb-nack-pli=true,rtcp-fb-transport-cc=true",
    "VP8": "application/x-rtp,media=video,encoding-name=VP8,payload=97,clock-rate=90000,rtcp-fb-nack=true,rtcp-fb-nack-pli=true",
}
sound = "application/x-rtp,media=audio,encoding-name=OPUS,payload=98,clock-rate=48000,encoding-params=(string)2"

if what == "watch":
    pipe = Gst.Pipeline.new()
    rtc = Gst.ElementFactory.make("webrtcbin", "rtc")
    rtc.set_property("bundle-policy", "max-bundle")
    pipe.add(rtc)
    for caps in (formats[codec], sound):
        rtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))
else:
    encoder = {"H264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 bitrate=600 ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 aggregate-mode=zero-latency",
               "VP8": "vp8enc deadline=1 keyframe-max-dist=30 target-bitrate=600000 ! rtpvp8pay"}[codec]
    pipe = Gst.parse_launch(
        f"webrtcbin name=rtc bundle-policy=max-bundle videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=30/1 ! videoconvert ! {encoder} pt={payload} ! "
        f"application/x-rtp,media=video,encoding-name={codec},payload={payload} ! rtc. audiotestsrc is-live=true ! audioconvert ! audioresample ! opusenc ! rtpopuspay pt=98 ! {sound} ! rtc.")
    rtc = pipe.get_by_name("rtc")
    for index in range(2):
        rtc.emit("get-transceiver", index).set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)


def on_pad(_, pad):
    if pad.get_direction() != Gst.PadDirection.SRC:
        return
    name = pad.get_current_caps().get_structure(0).get_string("encoding-name")
    chain = {"H264": "rtph264depay ! h264parse ! avdec_h264", "VP8": "rtpvp8depay ! vp8dec", "OPUS": "rtpopusdepay ! opusdec"}[name]
    part = Gst.parse_bin_from_description(f"queue ! {chain} ! fakesink name=end sync=false signal-handoffs=true", True)
    kind = "audio" if name == "OPUS" else "video"

    def handed(*_):
        counts[kind] += 1

    part.get_by_name("end").connect("handoff", handed)
    pipe.add(part)
    part.sync_state_with_parent()
    pad.link(part.get_static_pad("sink"))


kept = []  # what GStreamer still uses


def on_offer(promise, _):
    promise.wait()
    reply = promise.get_reply()
    offer = reply.get_value("offer")
    text = offer.sdp.as_text()
    kept.extend([promise, reply, offer])
    GLib.idle_add(exchange, text)


def parsed(text):
    _, message = GstSdp.SDPMessage.new()
    GstSdp.sdp_message_parse_buffer(text.encode(), message)
    kept.append(message)
    return message


def exchange(text):
    offer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.OFFER, parsed(text))
    promise = Gst.Promise.new()
    kept.extend([offer, promise])
    rtc.emit("set-local-description", offer, promise)
    promise.interrupt()
    request = urllib.request.Request(origin + path, data=text.encode(), method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            counts["location"] = answer.headers["Location"]
            text = answer.read().decode()
    except urllib.error.HTTPError as error:
        counts["refused"] = error.read().decode()
        finish()
        return
    answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, parsed(text))
    promise = Gst.Promise.new()
    kept.extend([answer, promise])
    rtc.emit("set-remote-description", answer, promise)
    promise.interrupt()


loop = GLib.MainLoop()
rtc.connect("pad-added", on_pad)
started = []


def begin(_):
    if started:
        return
    started.append(1)
    rtc.emit("create-offer", None, Gst.Promise.new_with_change_func(on_offer, None))


rtc.connect("on-negotiation-needed", begin)


def finish():
    counts["state"] = rtc.get_property("connection-state").value_nick
    print(json.dumps(counts), flush=True)
    loop.quit()


GLib.timeout_add(int(float(seconds) * 1000), finish)
pipe.set_state(Gst.State.PLAYING)
loop.run()
pipe.set_state(Gst.State.NULL)
