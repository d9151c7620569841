#include "simulate/stream_bench.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/histogram.hpp"
#include "media/pattern_eye.hpp"
#include "simulate/link_relay.hpp"
#include "simulate/playout.hpp"
#include "simulate/stage.hpp"

namespace telltale::simulate {
namespace {

using namespace std::chrono_literals;

constexpr auto kJoinLimit = 15s;
constexpr auto kLatencyMax = 60s;  // more: the clocks do not agree

double ms_of(const base::Histogram& micros, double quantile) {
  return static_cast<double>(micros.quantile(quantile)) / 1000;
}

struct Watching {
  explicit Watching(runtime::Loop& on, media::PatternEye look) : loop(on), eye(std::move(look)) {}

  runtime::Loop& loop;
  media::PatternEye eye;
  Playout playout;
  std::vector<std::uint8_t> bytes;
  std::optional<base::SteadyTime> first;
  base::Histogram latency_us;         // of all
  base::Histogram latency_second_us;  // of this second
  std::uint64_t frames = 0;
  std::uint64_t freezes = 0;
  base::Duration frozen = {};
  std::uint64_t unreadable = 0;  // pictures without a time that makes sense
  int width = 0, height = 0;

  void on_frame(rtc::InboundStream& stream, const rtc::rtp::AssembledFrame& frame) {
    if (stream.codec() == rtc::Codec::opus) return;
    const auto now = loop.clock().now();
    ++frames;
    if (!first) first = now;
    if (const auto stood = playout.on_frame(frame.timestamp, now)) {
      ++freezes;
      frozen += *stood;
    }
    if (!stream.read(frame, bytes)) return;
    for (const auto& picture : eye.look(bytes)) seen(picture);
  }

  void seen(const media::PatternEye::Picture& picture) {
    constexpr base::Duration kDay = 24h;
    width = picture.width;
    height = picture.height;
    if (!picture.day_time) {
      ++unreadable;
      return;
    }
    const base::Duration day = loop.clock().wall().time_since_epoch() % kDay;
    const auto late = (day - *picture.day_time + kDay) % kDay;
    if (late > kLatencyMax) {
      ++unreadable;
      return;
    }
    const auto micros = static_cast<std::uint64_t>(late / 1us);
    latency_us.record(micros);
    latency_second_us.record(micros);
  }
};

const rtc::InboundRtpStats* video_of(const rtc::CallerReport& report) {
  const auto found = std::ranges::find(report.stats.inbound, "video", &rtc::InboundRtpStats::kind);
  return found == report.stats.inbound.end() ? nullptr : &*found;
}

struct Totals {
  std::uint64_t frames = 0, bytes = 0, packets = 0, freezes = 0;
  std::int64_t lost = 0;
};
Totals totals_of(const rtc::InboundRtpStats& video, const Watching& watching) {
  return {.frames = watching.frames,
          .bytes = video.bytes_received,
          .packets = video.packets_received,
          .freezes = watching.freezes,
          .lost = video.packets_lost};
}

double loss_percent(const Totals& before, const Totals& now) {
  const auto lost = static_cast<double>(std::max<std::int64_t>(0, now.lost - before.lost));
  const auto all = lost + static_cast<double>(now.packets - before.packets);
  return all > 0 ? 100 * lost / all : 0;
}

// One second after the other, until the time is up or the connection is gone.
runtime::TaskResult<bool> sample(Stage* stage, rtc::Caller* caller, Watching* watching,
                                 StreamBenchResult* out) {
  Totals before;
  base::Histogram round_trip_us;
  auto last = *watching->first;
  const auto until = last + stage->plan.duration;
  while (last < until) {
    const auto next = std::min<base::SteadyTime>(last + 1s, until);
    const bool ended = co_await caller->wait_until(
        [](const rtc::Caller& at) { return at.closed(); },
        std::max<base::Duration>(1ms, next - stage->loop.clock().now()));
    if (ended)
      co_return base::fail(base::Code::unavailable, "the connection ended: " + caller->error());
    const auto now = stage->loop.clock().now();
    const auto report = caller->report();
    const auto* const video = video_of(report);
    if (video == nullptr) co_return base::fail(base::Code::protocol, "there is no video");
    const auto totals = totals_of(*video, *watching);
    const auto seconds = std::max(1e-3, base::to_seconds(now - last));
    StreamSample one{
        .at_s = base::to_seconds(now - *watching->first),
        .frames_per_second = static_cast<double>(totals.frames - before.frames) / seconds,
        .kilobits_per_second =
            static_cast<double>(totals.bytes - before.bytes) * 8 / 1000 / seconds,
        .loss_percent = loss_percent(before, totals),
        .jitter_ms = video->jitter_s * 1000,
        .buffer_ms = base::to_ms(watching->playout.buffer()),
        .freezes = static_cast<double>(totals.freezes - before.freezes)};
    if (report.round_trip) {
      one.round_trip_ms = base::to_ms(*report.round_trip);
      round_trip_us.record(static_cast<std::uint64_t>(*report.round_trip / 1us));
    }
    if (watching->latency_second_us.count() > 0)
      one.latency_ms = ms_of(watching->latency_second_us, 0.5);
    watching->latency_second_us.clear();
    out->samples.push_back(one);
    out->codec = video->codec;
    before = totals;
    last = now;
  }
  const auto seconds = std::max(1e-3, base::to_seconds(last - *watching->first));
  double jitter = 0;
  for (const auto& one : out->samples) jitter += one.jitter_ms;
  auto& figures = out->figures;
  figures["frames_per_second"] = static_cast<double>(before.frames) / seconds;
  figures["kilobits_per_second"] = static_cast<double>(before.bytes) * 8 / 1000 / seconds;
  figures["loss_percent"] = loss_percent({}, before);
  figures["jitter_ms"] =
      jitter / static_cast<double>(std::max<std::size_t>(1, out->samples.size()));
  figures["freezes"] = watching->freezes;
  figures["frozen_ms"] = base::to_ms(watching->frozen);
  figures["playout_buffer_ms"] = base::to_ms(watching->playout.buffer());
  if (round_trip_us.count() > 0) figures["round_trip_ms"] = ms_of(round_trip_us, 0.5);
  if (watching->latency_us.count() > 0) {
    figures["latency_p50_ms"] = ms_of(watching->latency_us, 0.5);
    figures["latency_p95_ms"] = ms_of(watching->latency_us, 0.95);
    figures["latency_max_ms"] = static_cast<double>(watching->latency_us.max()) / 1000;
  }
  co_return true;
}

runtime::TaskResult<bool> watch(Stage* stage, const StreamBenchPlan* plan, rtc::Caller* caller,
                                Watching* watching, std::unique_ptr<LinkRelay>* link,
                                std::string* location, StreamBenchResult* out) {
  auto offer = caller->offer();
  if (!offer) co_return std::unexpected(offer.error());
  const auto asked = stage->loop.clock().now();
  auto begun =
      co_await Stage::ask(stage, {.path = "/whep/" + base::percent_encode(plan->source) +
                                          "?quality=" + base::percent_encode(plan->quality),
                                  .type = "application/sdp",
                                  .body = std::move(*offer)});
  if (!begun) co_return std::unexpected(begun.error());
  *location = begun->headers.get_or("location", "");
  out->figures["signalling_ms"] = base::to_ms(stage->loop.clock().now() - asked);
  auto sdp = behind_link(begun->body, stage->loop, plan->link, plan->seed, *link);
  if (!sdp) co_return std::unexpected(sdp.error());
  if (auto accepted = caller->accept(*sdp); !accepted) co_return std::unexpected(accepted.error());
  const bool seen = co_await caller->wait_until(
      [](const rtc::Caller& at) { return at.closed() || at.video_frames() > 0; }, kJoinLimit);
  if (!seen || !watching->first)
    co_return base::fail(base::Code::deadline_exceeded, caller->closed()
                                                            ? "closed: " + caller->error()
                                                            : "no picture within 15 s");
  const auto report = caller->report();
  if (report.ice) out->figures["ice_ms"] = base::to_ms(*report.ice);
  if (report.ice && report.dtls) out->figures["dtls_ms"] = base::to_ms(*report.dtls - *report.ice);
  out->figures["first_frame_ms"] = base::to_ms(*watching->first - asked);
  co_return co_await sample(stage, caller, watching, out);
}

}  // namespace

runtime::TaskResult<StreamBenchResult> run_stream_bench(StreamBenchPlan plan) {
  auto token = co_await plan.token();
  if (!token) co_return std::unexpected(token.error());
  auto eye = media::PatternEye::open(media::Codec::h264);
  if (!eye) co_return std::unexpected(eye.error());
  Stage stage(*runtime::Loop::current(), Plan{.url = plan.url, .duration = plan.duration});
  stage.token = std::move(*token);
  StreamBenchResult out{.source = plan.source,
                        .quality = plan.quality,
                        .link = plan.link.name,
                        .codec = {},
                        .began = stage.loop.clock().wall()};
  Watching watching(stage.loop, std::move(*eye));
  std::unique_ptr<LinkRelay> link;
  std::string location;
  base::Result<bool> watched;
  {
    rtc::Caller caller(stage.pool, {.video_codecs = {"H264"}, .keeps_payload = true});
    caller.on_frame([&watching](rtc::InboundStream& stream, const rtc::rtp::AssembledFrame& frame) {
      watching.on_frame(stream, frame);
    });
    watched = co_await watch(&stage, &plan, &caller, &watching, &link, &location, &out);
    caller.close();
  }
  if (!location.empty()) (void)co_await Stage::ask(&stage, {.method = "DELETE", .path = location});
  if (link) co_await link->stop();
  co_await stage.pool.stop();
  if (!watched) co_return std::unexpected(watched.error());
  out.width = watching.width;
  out.height = watching.height;
  co_return out;
}

}  // namespace telltale::simulate
