// Viewers for bench/webrtc.mjs: thousands of rtc::Caller (ICE, DTLS, SRTP, feedback, NACK; whole
// frames are counted, nothing is decoded) in one process on one loop, the same for every server.
// Signalling is the script's. One command a line on stdin, one line of JSON each on stdout:
//   offer COUNT [data]  new viewers: {"viewers":[{"id","sdp"}]}
//   accept              then one line of JSON: [{"id","sdp"}…], the answers
//   wait SECONDS        until each accepted one has had a packet: {"playing","missing","error"}
//   connect ID          after accept of one: waits for its first packet
//   mark                sums over all so far: packets, bytes, frames, gaps, CPU of this process
//   times               ms since accept of each: ice, dtls, packet, frame
//   close               all of them
//   offer_to_publish    instead of viewers one publisher: {"id","sdp"}; after accept and connected
//   publish FILE        it sends the frames of an H.264 file (delimiters between them), again and
//                       again
// The argument is the address that sockets are bound to.
#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>

#include <signal.h>

#include "base/json.hpp"
#include "base/log.hpp"
#include "rtc/peer/caller.hpp"
#include "rtc/test_source.hpp"
#include "runtime/run.hpp"
#include "runtime/runtime.hpp"

namespace {

using namespace telltale;

constexpr std::size_t kViewersMax = 10'000;
constexpr std::int64_t kPublishBps = 10'000'000;
constexpr std::size_t kAnswersMax = 64U << 20U;  // bytes of a line

struct Viewers {
  runtime::Runtime runtime{1};
  runtime::Loop& loop = runtime.loop(0);
  // The same ciphers for every server that has them.
  rtc::CallerPool pool{loop, {.srtp_profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"}};
  std::string bind;
  bool sends = false;
  std::vector<std::unique_ptr<rtc::Caller>> all;
  std::shared_ptr<rtc::TestSource> film;  // of a publisher
  std::shared_ptr<rtc::MediaSink> push;
  rtc::Source::Watch watch;
};

double process_cpu_us() {
  timespec time = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// What a publisher sends: each frame of the file as it falls due.
class Push final : public rtc::MediaSink {
 public:
  explicit Push(rtc::Caller& caller) : caller_(caller) {}
  void on_frame(const rtc::MediaFramePtr& frame) override { caller_.push(*frame); }
  void on_end(const std::string&) override {}

 private:
  rtc::Caller& caller_;
};

base::Json offer_to_publish(Viewers& viewers) {
  viewers.sends = true;
  auto caller = std::make_unique<rtc::Caller>(
      viewers.pool,
      rtc::CallerSettings{.audio = false,
                          .sends = true,
                          .video_codecs = {"H264"},
                          .bind = {viewers.bind},
                          // Not held back by a guess about loopback on a busy machine.
                          .transport_cc = false,
                          .start_bps = kPublishBps});
  auto sdp = caller->offer();
  if (!sdp) return base::JsonObject{{"error", sdp.error().detail}};
  viewers.all.push_back(std::move(caller));
  return base::JsonObject{{"id", viewers.all.size() - 1}, {"sdp", *sdp}};
}

base::Json publish(Viewers& viewers, const std::string& file) {
  auto frames = rtc::read_h264(file);
  if (viewers.all.size() != 1 || frames.empty())
    return base::JsonObject{{"error", "nobody to publish or no frames in " + file}};
  const rtc::Rendition rendition{.name = "source", .codecs = {rtc::Codec::h264}};
  viewers.film = std::make_shared<rtc::TestSource>(
      viewers.loop,
      rtc::TestSource::Settings{.video = {{.rendition = rendition, .frames = std::move(frames)}}});
  viewers.push = std::make_shared<Push>(*viewers.all.front());
  auto watch = viewers.film->watch_video("source", rtc::Codec::h264, viewers.push);
  if (!watch) return base::JsonObject{{"error", watch.error().detail}};
  viewers.watch = std::move(*watch);
  viewers.film->start();
  return base::JsonObject{{"publishes", true}};
}

base::Json offer(Viewers& viewers, std::size_t count, bool data) {
  base::JsonArray out;
  for (std::size_t i = 0; i < count && viewers.all.size() < kViewersMax; ++i) {
    auto caller = std::make_unique<rtc::Caller>(
        viewers.pool,
        rtc::CallerSettings{
            .audio = false, .data = data, .video_codecs = {"H264"}, .bind = {viewers.bind}});
    auto sdp = caller->offer();
    if (!sdp) return base::JsonObject{{"error", sdp.error().detail}};
    out.push_back(base::JsonObject{{"id", viewers.all.size()}, {"sdp", *sdp}});
    viewers.all.push_back(std::move(caller));
  }
  return base::JsonObject{{"viewers", std::move(out)}};
}

base::Json accept(Viewers& viewers, const std::string& line) {
  const auto answers = base::parse_json(line, {.max_depth = 8, .max_bytes = kAnswersMax});
  if (!answers || !answers->is_array())
    return base::JsonObject{{"error", answers ? "not an array" : answers.error().detail}};
  std::size_t accepted = 0;
  std::string error;
  for (const auto& one : answers->get_array()) {
    const auto id = base::find_integer(one.as_object(), "id");
    const auto sdp = base::find_string(one.as_object(), "sdp");
    if (!id || !sdp || *id < 0 || static_cast<std::size_t>(*id) >= viewers.all.size()) continue;
    const auto done = viewers.all[static_cast<std::size_t>(*id)]->accept(*sdp);
    if (done)
      ++accepted;
    else
      error = done.error().detail;
  }
  return base::JsonObject{{"accepted", accepted}, {"error", error}};
}

runtime::Task<bool> play(Viewers* viewers, std::size_t first, std::size_t end,
                         base::Duration limit) {
  const auto until = viewers->loop.clock().now() + limit;
  bool all = true;
  for (auto i = first; i < end; ++i) {
    const auto left = until - viewers->loop.clock().now();
    const bool plays = co_await viewers->all[i]->wait_until(
        [sends = viewers->sends](const rtc::Caller& at) {
          return (sends ? at.connected() : at.video_frames() > 0) || at.closed();
        },
        std::max(left, base::Duration::zero()));
    all = all && plays;
  }
  co_return all;
}

base::Json sums(Viewers& viewers) {
  std::uint64_t packets = 0, bytes = 0, frames = 0, gaps = 0, nacks = 0, closed = 0, playing = 0;
  std::uint64_t repeated = 0;
  std::string error;
  for (auto& caller : viewers.all) {
    const auto report = caller->report();
    frames += report.video_frames;
    gaps += report.video_gaps;
    closed += report.closed ? 1 : 0;
    playing += report.video_frames > 0 && !report.closed ? 1 : 0;
    if (!report.error.empty()) error = report.error;
    for (const auto& stream : report.stats.inbound) {
      packets += stream.packets_received + stream.retransmitted_packets_received;
      repeated += stream.retransmitted_packets_received;
      bytes += stream.bytes_received;
      nacks += stream.nack_count;
    }
  }
  return base::JsonObject{{"packets", packets}, {"retransmitted", repeated},
                          {"bytes", bytes},     {"frames", frames},
                          {"gaps", gaps},       {"nacks", nacks},
                          {"playing", playing}, {"closed", closed},
                          {"error", error},     {"cpu_us", process_cpu_us()}};
}

base::Json times(Viewers& viewers) {
  base::JsonArray out;
  const auto ms = [](const std::optional<base::Duration>& time) {
    return time ? base::Json(base::to_ms(*time)) : base::Json();
  };
  for (auto& caller : viewers.all) {
    const auto report = caller->report();
    out.push_back(base::JsonObject{{"ice", ms(report.ice)},
                                   {"dtls", ms(report.dtls)},
                                   {"packet", ms(report.first_packet)},
                                   {"frame", ms(report.first_frame)}});
  }
  return out;
}

template <class Function>
base::Json on_loop(Viewers& viewers, Function function) {
  std::promise<base::Json> promise;
  auto future = promise.get_future();
  viewers.loop.post([&] { promise.set_value(function()); });
  return future.get();
}

base::Json obey(Viewers& viewers, runtime::TaskGroup& none, const std::string& line) {
  const auto space = line.find(' ');
  const auto word = line.substr(0, space);
  const auto rest = space == std::string::npos ? "" : line.substr(space + 1);
  if (word == "offer")
    return on_loop(viewers, [&] {
      return offer(viewers, std::stoul(rest), rest.find("data") != std::string::npos);
    });
  if (word == "offer_to_publish")
    return on_loop(viewers, [&] { return offer_to_publish(viewers); });
  if (word == "publish") return on_loop(viewers, [&] { return publish(viewers, rest); });
  if (word == "accept") {
    std::string answers;
    std::getline(std::cin, answers);
    return on_loop(viewers, [&] { return accept(viewers, answers); });
  }
  if (word == "wait" || word == "connect") {
    const auto number = std::stoul(rest);
    const bool one = word == "connect";
    const auto first = one ? number : 0;
    const auto end = one ? std::min(number + 1, viewers.all.size()) : viewers.all.size();
    const auto limit = std::chrono::seconds(one ? 10 : number);
    const auto all =
        runtime::run_to_completion(viewers.loop, none, "wait", play(&viewers, first, end, limit));
    return base::JsonObject{{"all", all.value_or(false)}};
  }
  if (word == "mark") return on_loop(viewers, [&] { return sums(viewers); });
  if (word == "times") return on_loop(viewers, [&] { return times(viewers); });
  if (word == "close")
    return on_loop(viewers, [&]() -> base::Json {
      for (auto& caller : viewers.all) caller->close();
      viewers.all.clear();
      return base::JsonObject{{"closed", true}};
    });
  return base::JsonObject{{"error", "unknown: " + word}};
}

runtime::Task<bool> stop(rtc::CallerPool* pool) {
  co_await pool->stop();
  co_return true;
}

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  (void)base::start_logging({.level = base::LogLevel::error});  // to stderr: stdout has the answers
  Viewers viewers;
  viewers.bind = argc > 1 ? argv[1] : "127.0.0.1";
  viewers.runtime.start();
  runtime::TaskGroup none(viewers.loop, "viewers");
  std::string line;
  while (std::getline(std::cin, line)) {
    std::printf("%s\n", base::write_json(obey(viewers, none, line)).c_str());
    std::fflush(stdout);
  }
  (void)on_loop(viewers, [&]() -> base::Json {
    if (viewers.film) viewers.film->stop();
    for (auto& caller : viewers.all) caller->close();
    viewers.all.clear();
    return nullptr;
  });
  (void)runtime::run_to_completion(viewers.loop, none, "stop", stop(&viewers.pool));
  viewers.runtime.stop();
  return 0;
}
