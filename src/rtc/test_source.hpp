// For tests and benchmarks only: a Source that plays what it is given, round and round, by its
// loop's clock, and the makers of what it plays: pictures like H.264 or VP8 out of random bytes,
// and real streams from files (H.264 Annex B with access unit delimiters, VP8 in IVF, Opus in Ogg).
#pragma once

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "base/guarded.hpp"
#include "base/random.hpp"
#include "rtc/bytes.hpp"
#include "rtc/source.hpp"
#include "runtime/loop.hpp"

namespace telltale::rtc {

struct TestFrame {
  std::vector<std::uint8_t> bytes;
  bool key = true;
};
struct TestTrack {
  Rendition rendition;  // one codec
  std::vector<TestFrame> frames;
};

class TestSource final : public Source, public std::enable_shared_from_this<TestSource> {
 public:
  struct Settings {
    std::string name = "test";
    std::vector<TestTrack> video = {};
    std::vector<TestFrame> audio = {};  // 20 ms each
    double frame_rate = 30;
    std::uint32_t first_timestamp = 0;
    bool keys_on_request = false;  // the next frame is the track's first (made-up streams)
  };

  TestSource(runtime::Loop& loop, Settings settings)
      : loop_(loop), settings_(std::move(settings)), began_(loop.clock().now()) {
    state_.with([&](State& state) { state.tracks.resize(settings_.video.size()); });
  }
  // On the loop, or before it runs.
  void start() {
    began_ = loop_.clock().now();
    schedule_video();
    if (!settings_.audio.empty()) schedule_audio();
  }
  void end(const std::string& reason) {  // on the loop
    ended_ = true;
    std::vector<std::shared_ptr<MediaSink>> sinks;
    state_.with([&](State& state) {
      for (auto& track : state.tracks)
        for (const auto& sink : track.sinks) sinks.push_back(sink);
      for (const auto& sink : state.audio) sinks.push_back(sink);
    });
    for (const auto& sink : sinks) sink->on_end(reason);
  }
  void stop() { ended_ = true; }

  SourceInfo info() const override {
    SourceInfo out{.name = settings_.name, .audio = !settings_.audio.empty(), .live = true};
    for (const auto& track : settings_.video) {
      const auto found = std::ranges::find(out.video, track.rendition.name, &Rendition::name);
      if (found == out.video.end())
        out.video.push_back(track.rendition);
      else
        found->codecs.push_back(track.rendition.codecs.front());
    }
    return out;
  }
  PlayState state() const override { return {}; }

  base::Result<Watch> watch_video(const std::string& rendition, Codec codec,
                                  std::shared_ptr<MediaSink> sink) override {
    if (rendition == refused) return base::fail(base::Code::unavailable, "no encoder is free");
    for (std::size_t i = 0; i < settings_.video.size(); ++i) {
      const auto& track = settings_.video[i].rendition;
      if (track.name != rendition || track.codecs.front() != codec) continue;
      auto kept = state_.with([&](State& state) {
        state.tracks[i].sinks.push_back(sink);
        return state.tracks[i].kept;
      });
      for (const auto& frame : kept) sink->on_frame(frame);
      return watch(sink);
    }
    return base::fail(base::Code::invalid_argument, "no such rendition");
  }
  base::Result<Watch> watch_audio(std::shared_ptr<MediaSink> sink) override {
    state_.with([&](State& state) { state.audio.push_back(sink); });
    return watch(sink);
  }
  void request_key_frame(const std::string& rendition, Codec codec) override {
    state_.with([&](State& state) {
      ++state.key_requests;
      for (std::size_t i = 0; i < settings_.video.size(); ++i) {
        const auto& track = settings_.video[i].rendition;
        if (track.name == rendition && track.codecs.front() == codec) state.tracks[i].wants = true;
      }
    });
  }
  runtime::TaskResult<bool> seek(base::Duration) override { co_return true; }
  runtime::TaskResult<bool> pause(bool) override { co_return true; }
  runtime::TaskResult<bool> loop(bool) override { co_return true; }

  const SourceNotes* notes() const override { return &told; }
  SourceNotes told;          // what became of it
  std::string refused = {};  // a rendition that cannot be had now
  const Settings& settings() const noexcept { return settings_; }
  std::size_t watchers() const {
    return state_.with([](const State& state) {
      std::size_t count = state.audio.size();
      for (const auto& track : state.tracks) count += track.sinks.size();
      return count;
    });
  }
  std::uint64_t key_requests() const {
    return state_.with([](const State& state) { return state.key_requests; });
  }

 private:
  struct Track {
    std::vector<std::shared_ptr<MediaSink>> sinks;
    std::vector<MediaFramePtr> kept;
    bool wants = false;
    std::size_t at = 0;
  };
  struct State {
    std::vector<Track> tracks;
    std::vector<std::shared_ptr<MediaSink>> audio;
    std::uint64_t key_requests = 0;
  };

  Watch watch(const std::shared_ptr<MediaSink>& sink) {
    return {this, [self = weak_from_this(), sink = std::weak_ptr(sink)](void*) {
              const auto source = self.lock();
              const auto gone = sink.lock();
              if (!source || !gone) return;
              source->state_.with([&](State& state) {
                for (auto& track : state.tracks) std::erase(track.sinks, gone);
                std::erase(state.audio, gone);
              });
            }};
  }
  void schedule_video() {
    const auto due = began_ + base::Duration(static_cast<base::Duration::rep>(
                                  1e9 / settings_.frame_rate * static_cast<double>(tick_)));
    loop_.schedule_at(due, [self = weak_from_this(), due] {
      const auto source = self.lock();
      if (!source || source->ended_) return;
      source->give_video(due);
      ++source->tick_;
      source->schedule_video();
    });
  }
  void give_video(base::SteadyTime due) {
    const auto timestamp =
        settings_.first_timestamp +
        static_cast<std::uint32_t>(90'000 / settings_.frame_rate * static_cast<double>(tick_));
    for (std::size_t i = 0; i < settings_.video.size(); ++i) {
      const auto& track = settings_.video[i];
      std::vector<std::shared_ptr<MediaSink>> sinks;
      MediaFramePtr frame;
      state_.with([&](State& state) {
        auto& at = state.tracks[i];
        if (at.wants && settings_.keys_on_request) at.at = 0;
        at.wants = false;
        const auto& from = track.frames[at.at++ % track.frames.size()];
        frame = std::make_shared<MediaFrame>(
            MediaFrame{.bytes = from.bytes,
                       .codec = track.rendition.codecs.front(),
                       .key = from.key,
                       .timestamp = timestamp,
                       .due = due,
                       .width = static_cast<std::uint16_t>(track.rendition.width),
                       .height = static_cast<std::uint16_t>(track.rendition.height)});
        if (from.key) at.kept.clear();
        at.kept.push_back(frame);
        sinks = at.sinks;
      });
      for (const auto& sink : sinks) sink->on_frame(frame);
    }
  }
  void schedule_audio() {
    const auto due = began_ + std::chrono::milliseconds(20) * audio_tick_;
    loop_.schedule_at(due, [self = weak_from_this(), due] {
      const auto source = self.lock();
      if (!source || source->ended_) return;
      source->give_audio(due);
      ++source->audio_tick_;
      source->schedule_audio();
    });
  }
  void give_audio(base::SteadyTime due) {
    const auto& from =
        settings_.audio[static_cast<std::size_t>(audio_tick_) % settings_.audio.size()];
    const auto frame = std::make_shared<MediaFrame>(
        MediaFrame{.bytes = from.bytes,
                   .codec = Codec::opus,
                   .key = true,
                   .timestamp = static_cast<std::uint32_t>(audio_tick_) * 960U,
                   .due = due});
    const auto sinks = state_.with([](const State& state) { return state.audio; });
    for (const auto& sink : sinks) sink->on_frame(frame);
  }

  runtime::Loop& loop_;
  Settings settings_;
  base::SteadyTime began_;
  std::uint64_t tick_ = 0;
  std::int64_t audio_tick_ = 0;
  std::atomic<bool> ended_{false};
  base::Guarded<State> state_;
};

// --- What it plays ---

// A stream that looks like `codec` from outside: key frames of six times the size, every two
// seconds.
inline std::vector<TestFrame> made_up_video(Codec codec, std::int64_t bitrate_bps,
                                            double frame_rate, std::size_t frames,
                                            std::uint64_t seed) {
  base::Random random(seed);
  std::vector<TestFrame> out;
  const auto group = static_cast<std::size_t>(frame_rate * 2);
  const double mean = static_cast<double>(bitrate_bps) / 8 / frame_rate;
  for (std::size_t i = 0; i < frames; ++i) {
    TestFrame frame{.key = i % group == 0};
    const auto size = static_cast<std::size_t>(
        mean * (frame.key ? 6 : static_cast<double>(group - 6) / static_cast<double>(group - 1)));
    const auto append = [&](std::initializer_list<int> bytes) {
      for (const int byte : bytes) frame.bytes.push_back(static_cast<std::uint8_t>(byte));
    };
    if (codec == Codec::h264) {
      if (frame.key)
        append({0, 0, 0,    1,    0x67, 0x42, 0xe0, 0x1f, 0x8c, 0x8d, 0x40, 0,   0,
                0, 1, 0x68, 0xce, 0x3c, 0x80, 0,    0,    0,    1,    0x65, 0xb8});
      else
        append({0, 0, 0, 1, 0x41, 0x9a});
    } else {
      append({frame.key ? 0x10 : 0x11, 2, 0});
    }
    // No zeros: no start codes by chance.
    for (std::size_t at = frame.bytes.size(); at < size; ++at)
      frame.bytes.push_back(static_cast<std::uint8_t>(1 + random.below(255)));
    out.push_back(std::move(frame));
  }
  return out;
}

inline std::vector<TestFrame> made_up_audio(std::size_t frames, std::uint64_t seed) {
  base::Random random(seed);
  std::vector<TestFrame> out;
  for (std::size_t i = 0; i < frames; ++i) {
    TestFrame frame;
    frame.bytes.push_back(0xfc);  // CELT, 20 ms, stereo, one frame
    for (int at = 0; at < 119; ++at)
      frame.bytes.push_back(static_cast<std::uint8_t>(random.below(256)));
    out.push_back(std::move(frame));
  }
  return out;
}

inline std::vector<std::uint8_t> read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Parted at access unit delimiters (NAL type 9).
inline std::vector<TestFrame> read_h264(const std::string& path) {
  const auto all = read_whole(path);
  std::vector<TestFrame> out;
  for (std::size_t i = 0; i + 4 < all.size(); ++i) {
    if (all[i] != 0 || all[i + 1] != 0 || all[i + 2] != 1) continue;
    const auto type = all[i + 3] & 0x1fU;
    if (type == 9) out.push_back({.key = false});
    if (out.empty()) continue;
    if (type == 5) out.back().key = true;
    auto end = i + 3;
    while (end + 3 < all.size() && !(all[end] == 0 && all[end + 1] == 0 && all[end + 2] == 1))
      ++end;
    if (end + 3 >= all.size()) end = all.size();
    auto& bytes = out.back().bytes;
    bytes.insert(bytes.end(), {0, 0, 0, 1});
    bytes.insert(bytes.end(), all.begin() + static_cast<std::ptrdiff_t>(i + 3),
                 all.begin() + static_cast<std::ptrdiff_t>(end));
    i = end - 1;
  }
  return out;
}

inline std::vector<TestFrame> read_ivf(const std::string& path) {
  const auto all = read_whole(path);
  std::vector<TestFrame> out;
  const auto little = [&](std::size_t at) {
    return static_cast<std::size_t>(all[at]) | static_cast<std::size_t>(all[at + 1]) << 8U |
           static_cast<std::size_t>(all[at + 2]) << 16U |
           static_cast<std::size_t>(all[at + 3]) << 24U;
  };
  for (std::size_t at = 32; at + 12 <= all.size();) {
    const auto size = little(at);
    at += 12;
    if (at + size > all.size()) break;
    TestFrame frame;
    frame.bytes.assign(all.begin() + static_cast<std::ptrdiff_t>(at),
                       all.begin() + static_cast<std::ptrdiff_t>(at + size));
    frame.key = size > 0 && (frame.bytes[0] & 1U) == 0;
    out.push_back(std::move(frame));
    at += size;
  }
  return out;
}

// The packets of an Ogg stream (RFC 3533), without its two headers.
inline std::vector<TestFrame> read_ogg_opus(const std::string& path) {
  const auto all = read_whole(path);
  std::vector<TestFrame> out;
  TestFrame packet;
  for (std::size_t at = 0; at + 27 <= all.size();) {
    const std::size_t segments = all[at + 26];
    std::size_t body = at + 27 + segments;
    for (std::size_t i = 0; i < segments; ++i) {
      const std::size_t size = all[at + 27 + i];
      packet.bytes.insert(packet.bytes.end(), all.begin() + static_cast<std::ptrdiff_t>(body),
                          all.begin() + static_cast<std::ptrdiff_t>(body + size));
      body += size;
      if (size == 255) continue;
      out.push_back(std::move(packet));
      packet = {};
    }
    at = body;
  }
  if (out.size() > 2) out.erase(out.begin(), out.begin() + 2);
  return out;
}

}  // namespace telltale::rtc
