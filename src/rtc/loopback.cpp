#include "rtc/loopback.hpp"

#include <algorithm>

#include "base/guarded.hpp"
#include "base/random.hpp"
#include "rtc/peer/caller.hpp"
#include "runtime/run.hpp"

namespace telltale::rtc {
namespace {

using namespace std::chrono_literals;

constexpr auto kStepLimit = 10s;
constexpr auto kFrameEvery = 33ms;
constexpr std::uint64_t kFramesWanted = 15;
constexpr std::size_t kFrameBytes = 4'000;

// A picture that any receiver puts together: parameter sets and one slice of random bytes.
std::vector<std::uint8_t> picture(bool key, base::Random& random) {
  std::vector<std::uint8_t> out;
  if (key)
    out = {0, 0, 0,    1,    0x67, 0x42, 0xe0, 0x1f, 0x8c, 0x8d, 0x40, 0,   0,
           0, 1, 0x68, 0xce, 0x3c, 0x80, 0,    0,    0,    1,    0x65, 0xb8};
  else
    out = {0, 0, 0, 1, 0x41, 0x9a};
  while (out.size() < kFrameBytes)
    out.push_back(static_cast<std::uint8_t>(1 + random.below(255)));  // no start codes by chance
  return out;
}

MediaFrame frame_at(std::uint64_t index, Codec codec, base::SteadyTime now, base::Random& random) {
  MediaFrame out{.codec = codec, .due = now};
  if (codec == Codec::opus) {
    out.key = true;
    out.timestamp = static_cast<std::uint32_t>(index * 960);
    out.bytes.assign(100, 0);
    out.bytes[0] = 0xfc;  // 20 ms, stereo
    return out;
  }
  out.key = index % 15 == 0;
  out.timestamp = static_cast<std::uint32_t>(index * 2'970);
  out.width = 320;
  out.height = 180;
  out.bytes = picture(out.key, random);
  return out;
}

// What the viewer watches.
class MadeUp final : public Source {
 public:
  SourceInfo info() const override {
    return {.name = "self test",
            .video = {{.name = "source",
                       .width = 320,
                       .height = 180,
                       .frame_rate = 30,
                       .bitrate_bps = 970'000,
                       .codecs = {Codec::h264}}},
            .audio = true,
            .live = true};
  }
  PlayState state() const override { return {}; }
  base::Result<Watch> watch_video(const std::string&, Codec,
                                  std::shared_ptr<MediaSink> sink) override {
    sinks_.with([&](auto& sinks) { sinks[0] = sink; });
    return Watch(sink);
  }
  base::Result<Watch> watch_audio(std::shared_ptr<MediaSink> sink) override {
    sinks_.with([&](auto& sinks) { sinks[1] = sink; });
    return Watch(sink);
  }
  void request_key_frame(const std::string&, Codec) override {}
  runtime::TaskResult<bool> seek(base::Duration) override { co_return false; }
  runtime::TaskResult<bool> pause(bool) override { co_return false; }
  runtime::TaskResult<bool> loop(bool) override { co_return false; }

  void give(MediaFrame frame) {
    const auto sink =
        sinks_.with([&](const auto& sinks) { return sinks[frame.codec == Codec::opus ? 1 : 0]; });
    if (sink) sink->on_frame(std::make_shared<const MediaFrame>(std::move(frame)));
  }
  bool watched() const {
    return sinks_.with([](const auto& sinks) { return sinks[0] != nullptr; });
  }
  void forget() {
    sinks_.with([](auto& sinks) { sinks = {}; });
  }

 private:
  base::Guarded<std::array<std::shared_ptr<MediaSink>, 2>> sinks_;
};

class SelfTest {
 public:
  SelfTest(Engine& engine, runtime::Loop& loop)
      : engine_(engine),
        loop_(loop),
        pool_(loop),
        source_(std::make_shared<MadeUp>()),
        random_(base::secure_seed()),
        began_(loop.clock().now()),
        step_began_(began_) {}

  static runtime::Task<SelfTestReport> run(SelfTest* self) {
    co_await view(self);
    if (self->good_) co_await publish(self);
    self->source_->forget();
    self->report_.ok = self->good_;
    self->report_.took = self->loop_.clock().now() - self->began_;
    co_await self->pool_.stop();
    co_return std::move(self->report_);
  }

 private:
  bool step(std::string name, bool ok, std::string detail = "") {
    const auto now = loop_.clock().now();
    report_.steps.push_back({.name = std::move(name),
                             .ok = ok,
                             .took = now - step_began_,
                             .detail = std::move(detail)});
    step_began_ = now;
    good_ = good_ && ok;
    return ok;
  }
  bool step(std::string name, const base::Result<void>& result) {
    return step(std::move(name), result.has_value(), result ? "" : result.error().detail);
  }

  // Frames to the viewer and from the publisher, until `reached`.
  static runtime::Task<bool> play(SelfTest* self, Caller* caller, bool publishes,
                                  std::function<bool()> reached) {
    const auto until = self->loop_.clock().now() + kStepLimit;
    while (!reached()) {
      const auto now = self->loop_.clock().now();
      if (now > until || caller->closed()) co_return false;
      const auto index = self->index_++;
      auto video = frame_at(caller->wants_key_frame() ? 0 : index, Codec::h264, now, self->random_);
      video.timestamp = static_cast<std::uint32_t>(index * 2'970);
      auto audio = frame_at(index, Codec::opus, now, self->random_);
      if (publishes) {
        caller->push(video);
        caller->push(audio);
      } else {
        self->source_->give(std::move(video));
        self->source_->give(std::move(audio));
      }
      co_await runtime::sleep_for(kFrameEvery);
    }
    co_return true;
  }

  static runtime::Task<> view(SelfTest* self) {
    Caller caller(self->pool_, self->settings(false));
    auto offer = caller.offer();
    if (!self->step("sockets", offer.has_value(), offer ? "" : offer.error().detail)) co_return;
    auto answer = co_await self->engine_.answer(
        {.sdp = *offer, .source = "self test", .playing = self->source_, .actor = "self test"});
    if (!self->step("sdp", answer.has_value(), answer ? "" : answer.error().detail)) co_return;
    const auto accepted = caller.accept(answer->sdp);
    if (!accepted) {
      self->step("ice", accepted);
    } else {
      const bool ice = co_await caller.wait_until(
          [](const Caller& at) { return at.closed() || at.ice_connected(); }, kStepLimit);
      if (self->step("ice", ice && !caller.closed(), caller.error())) {
        const bool dtls = co_await caller.wait_until(
            [](const Caller& at) { return at.closed() || at.connected(); }, kStepLimit);
        if (self->step("dtls", dtls && caller.connected(), caller.error()))
          co_await media(self, &caller);
      }
    }
    caller.close();
    const auto closed = co_await self->engine_.close(answer->id, "self_test");
    self->step("close", closed.has_value());
  }

  static runtime::Task<> media(SelfTest* self, Caller* caller) {
    const bool video = co_await play(self, caller, false,
                                     [caller] { return caller->video_frames() >= kFramesWanted; });
    const auto gaps = caller->report().video_gaps;
    self->step("video", video && gaps == 0,
               std::to_string(caller->video_frames()) + " frames, gaps: " + std::to_string(gaps));
    const bool audio = co_await play(self, caller, false,
                                     [caller] { return caller->audio_frames() >= kFramesWanted; });
    self->step("audio", audio, std::to_string(caller->audio_frames()) + " packets");
    std::size_t echoed = 0;
    const std::string text(3'000, 'x');
    caller->on_message([&](sctp::ChannelId, const std::string&, Bytes message) {
      if (as_text(message) == text) ++echoed;
    });
    const auto channel = caller->open_channel({.label = "echo"});
    if (channel) (void)caller->send(*channel, DataLink::Kind::text, as_bytes(text));
    const bool data = channel && co_await caller->wait_until(
                                     [&](const Caller&) { return echoed == 1; }, kStepLimit);
    self->step("data_channel", data, data ? "3,000 bytes there and back" : "no echo came");
    caller->on_message({});
  }

  static runtime::Task<> publish(SelfTest* self) {
    Caller caller(self->pool_, self->settings(true));
    const auto name = "self-test-" + base::secure_token(6);
    auto offer = caller.offer();
    if (!offer) co_return;
    auto answer =
        co_await self->engine_.publish({.sdp = *offer, .source = name, .actor = "self test"});
    // An engine without a catalog takes no streams: nothing is wrong with that.
    if (!answer && answer.error().code == base::Code::unsupported) co_return;
    if (!answer) {
      self->step("publish", false, answer.error().detail);
      co_return;
    }
    const auto accepted = caller.accept(answer->sdp);
    if (accepted)
      co_await caller.wait_until([](const Caller& at) { return at.closed() || at.connected(); },
                                 kStepLimit);
    auto* const engine = &self->engine_;
    const auto id = answer->id;
    const bool arrived = caller.connected() && co_await play(self, &caller, true, [engine, id] {
                           const auto record = engine->find(id);
                           if (!record) return false;
                           const auto& inbound = record->stats.inbound;
                           return std::ranges::any_of(inbound, [](const InboundRtpStats& stats) {
                             return stats.kind == "video" && stats.frames_received > 0;
                           });
                         });
    self->step("publish", arrived, arrived ? "" : caller.error());
    caller.close();
    (void)co_await self->engine_.close(id, "self_test");
  }

  CallerSettings settings(bool sends) const {
    return {.data = !sends, .sends = sends, .video_codecs = {"H264"}};
  }

  Engine& engine_;
  runtime::Loop& loop_;
  CallerPool pool_;
  std::shared_ptr<MadeUp> source_;
  base::Random random_;
  base::SteadyTime began_;
  base::SteadyTime step_began_;
  std::uint64_t index_ = 0;
  SelfTestReport report_;
  bool good_ = true;
};

}  // namespace

runtime::TaskResult<SelfTestReport> run_self_test(Engine* engine, runtime::Loop* loop) {
  SelfTest test(*engine, *loop);
  co_return co_await SelfTest::run(&test);
}

}  // namespace telltale::rtc
