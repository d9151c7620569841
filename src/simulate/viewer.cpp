#include "simulate/viewer.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"

namespace telltale::simulate {
namespace {

using namespace std::chrono_literals;

constexpr auto kJoinLimit = 15s;
constexpr auto kReportEvery = 2s;
constexpr std::array<std::string_view, 4> kQualities{"low", "medium", "high", "auto"};

const rtc::InboundRtpStats* video_of(const rtc::CallerReport& report) {
  const auto& inbound = report.stats.inbound;
  const auto found = std::ranges::find(inbound, "video", &rtc::InboundRtpStats::kind);
  return found == inbound.end() ? nullptr : &*found;
}

}  // namespace

Viewer::Viewer(Stage& stage, std::size_t index)
    : stage_(stage),
      random_(stage.plan.seed * 1'000'003 + index),
      seed_(stage.plan.seed * 7'919 + index) {}

runtime::Task<> Viewer::run(Viewer* self) {
  auto* const stage = &self->stage_;
  const auto first = base::Duration(static_cast<base::Duration::rep>(
      static_cast<double>(stage->plan.ramp.count()) * self->random_.uniform()));
  for (bool goes_on = co_await Stage::pause(stage, first); goes_on;) {
    co_await watch(self);
    goes_on = co_await Stage::pause(stage, drawn(self->random_, stage->plan.away));
  }
}

runtime::Task<> Viewer::watch(Viewer* self) {
  auto& tally = self->stage_.tally;
  ++self->sessions_;
  self->location_.clear();
  self->channel_.reset();
  self->first_.reset();
  self->playout_ = {};
  self->frames_ = self->freezes_ = 0;
  self->frozen_ = {};
  self->reported_frames_ = self->reported_bytes_ = self->reported_packets_ = 0;
  self->reported_lost_ = 0;
  self->asked_ = self->reported_ = self->stage_.loop.clock().now();
  ++tally.joins;
  {
    rtc::Caller caller(self->stage_.pool, {.data = true});
    caller.on_frame([self](rtc::InboundStream& stream, const rtc::rtp::AssembledFrame& frame) {
      self->on_frame(stream, frame);
    });
    const auto joined = co_await join(self, &caller);
    if (joined) {
      ++tally.watching;
      co_await stay(self, &caller);
      --tally.watching;
    } else {
      ++tally.join_failures;
      tally.error("joining: " + joined.error().detail);
    }
    self->count(caller.report());
    caller.close();
  }
  if (!self->location_.empty()) {
    const auto left =
        co_await Stage::ask(&self->stage_, {.method = "DELETE", .path = self->location_});
    if (!left && left.error().code != base::Code::not_found)
      tally.error("leaving: " + left.error().detail);
  }
  if (self->link_) co_await self->link_->stop();
  self->link_.reset();
}

runtime::TaskResult<bool> Viewer::join(Viewer* self, rtc::Caller* caller) {
  auto offer = caller->offer();
  if (!offer) co_return std::unexpected(offer.error());
  auto begun = co_await Stage::ask(
      &self->stage_, {.path = "/whep/" + base::percent_encode(self->stage_.plan.source) +
                              "?quality=" + base::percent_encode(self->stage_.plan.quality),
                      .type = "application/sdp",
                      .body = std::move(*offer)});
  if (!begun) co_return std::unexpected(begun.error());
  self->location_ = begun->headers.get_or("location", "");
  const auto slash = self->location_.rfind('/');
  if (slash == std::string::npos)
    co_return base::fail(base::Code::invalid_argument, "the answer has no Location");
  self->id_ = base::percent_decode(self->location_.substr(slash + 1)).value_or("");
  auto sdp = behind_link(begun->body, self->stage_.loop, self->stage_.plan.link,
                         self->seed_ + 31 * self->sessions_, self->link_);
  if (!sdp) co_return std::unexpected(sdp.error());
  if (auto accepted = caller->accept(*sdp); !accepted) co_return std::unexpected(accepted.error());
  const bool seen = co_await caller->wait_until(
      [](const rtc::Caller& at) { return at.closed() || at.video_frames() > 0; }, kJoinLimit);
  if (!seen)
    co_return base::fail(base::Code::deadline_exceeded,
                         caller->connected() ? "connected, and no picture within 15 s"
                                             : "not connected within 15 s");
  if (caller->closed()) co_return base::fail(base::Code::unavailable, "closed: " + caller->error());
  if (auto channel = caller->open_channel({.label = "stats"})) self->channel_ = *channel;
  co_return true;
}

runtime::Task<> Viewer::stay(Viewer* self, rtc::Caller* caller) {
  auto& stage = self->stage_;
  auto now = stage.loop.clock().now();
  const auto leaves = std::min(stage.ends, now + drawn(self->random_, stage.plan.stay));
  auto chooses = now + drawn(self->random_, stage.plan.settled);
  auto reports = now + kReportEvery;
  while (!caller->closed() && now < leaves && !stage.over()) {
    const auto next = std::min({leaves, chooses, reports, now + 500ms});
    (void)co_await caller->wait_until([](const rtc::Caller& at) { return at.closed(); },
                                      std::max<base::Duration>(next - now, 1ms));
    now = stage.loop.clock().now();
    if (now >= reports) {
      self->report(*caller);
      reports = now + kReportEvery;
    }
    if (now >= chooses && !caller->closed()) {
      co_await choose_quality(self);
      chooses = now + drawn(self->random_, stage.plan.settled);
    }
  }
  if (!caller->closed()) co_return;
  ++stage.tally.lost;
  stage.tally.error("lost: " +
                    (caller->error().empty() ? "the server said goodbye" : caller->error()));
}

runtime::Task<> Viewer::choose_quality(Viewer* self) {
  auto& tally = self->stage_.tally;
  const auto quality = kQualities[self->random_.below(kQualities.size())];
  ++tally.quality_changes;
  const auto done = co_await Stage::ask(
      &self->stage_, {.path = "/api/v0/webrtc/quality/" + base::percent_encode(self->id_),
                      .body = base::write_json(base::JsonObject{{"quality", quality}})});
  if (done) co_return;
  ++tally.quality_failures;
  tally.error("quality: " + done.error().detail);
}

void Viewer::on_frame(const rtc::InboundStream& stream, const rtc::rtp::AssembledFrame& frame) {
  if (stream.codec() == rtc::Codec::opus) return;
  const auto now = stage_.loop.clock().now();
  auto& tally = stage_.tally;
  ++tally.frames;
  ++frames_;
  if (frame.key) ++tally.key_frames;
  if (!first_) {
    first_ = now;
    tally.first_frame_us.record(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now - asked_).count()));
  }
  if (const auto stood = playout_.on_frame(frame.timestamp, now)) {
    ++freezes_;
    ++tally.freezes;
    frozen_ += *stood;
    tally.frozen += *stood;
  }
}

// In the words of the page's player (web/src/webrtc/measure.ts).
void Viewer::report(rtc::Caller& caller) {
  const auto now = stage_.loop.clock().now();
  const auto seconds = std::max(0.001, base::to_seconds(now - std::exchange(reported_, now)));
  const auto seen = caller.report();
  const auto* const video = video_of(seen);
  if (video == nullptr || !channel_) return;
  const auto packets =
      video->packets_received - std::exchange(reported_packets_, video->packets_received);
  const auto lost = std::max<std::int64_t>(
      0, video->packets_lost - std::exchange(reported_lost_, video->packets_lost));
  const auto bytes = video->bytes_received - std::exchange(reported_bytes_, video->bytes_received);
  const auto frames = frames_ - std::exchange(reported_frames_, frames_);
  const auto all = static_cast<double>(packets) + static_cast<double>(lost);
  base::JsonObject message{
      {"type", "stats"},
      {"simulated", true},  // whole frames are counted, nothing is decoded
      {"first_picture_ms", first_ ? base::to_ms(*first_ - asked_) : 0},
      {"frames_per_second", static_cast<double>(frames) / seconds},
      {"bitrate_bps", static_cast<double>(bytes) * 8 / seconds},
      {"packets_lost", video->packets_lost},
      {"packets_received", video->packets_received},
      {"loss_percent", all > 0 ? 100 * static_cast<double>(lost) / all : 0},
      {"frames_decoded", frames_},
      {"frames_dropped", seen.video_gaps},
      {"freezes", freezes_},
      {"freeze_seconds", base::to_seconds(frozen_)},
      {"jitter_ms", video->jitter_s * 1000},
      {"jitter_buffer_ms", base::to_ms(playout_.buffer())},
      {"codec", video->codec.starts_with("video/") ? video->codec.substr(6) : video->codec}};
  if (seen.round_trip) message["round_trip_ms"] = base::to_ms(*seen.round_trip);
  // A full buffer of the channel costs this report, not the viewer.
  (void)caller.send(*channel_, rtc::DataLink::Kind::text, rtc::as_bytes(base::write_json(message)));
}

void Viewer::count(const rtc::CallerReport& report) {
  auto& tally = stage_.tally;
  tally.gaps += report.video_gaps;
  if (first_) tally.watched += stage_.loop.clock().now() - *first_;
  if (const auto* const video = video_of(report)) {
    tally.bytes += video->bytes_received;
    tally.packets += video->packets_received;
    tally.packets_lost += video->packets_lost;
  }
}

}  // namespace telltale::simulate
