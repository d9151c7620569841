// For tests only: a SourceCatalog with one source for every name, and what is published played
// again by name as a live Source of one rendition.
#pragma once

#include <map>

#include "rtc/test_source.hpp"

namespace telltale::rtc {

class LiveTestSource final : public Source {
 public:
  LiveTestSource(std::string name, Codec video, bool audio, std::function<void()> wants_key)
      : name_(std::move(name)),
        video_(video),
        has_audio_(audio),
        wants_key_(std::move(wants_key)) {}

  void give(const MediaFramePtr& frame) {
    std::vector<std::shared_ptr<MediaSink>> sinks;
    state_.with([&](State& state) {
      if (frame->codec == Codec::opus) {
        ++state.audio_frames;
        sinks = state.audio;
        return;
      }
      ++state.video_frames;
      if (frame->key) {
        ++state.key_frames;
        state.kept.clear();
      }
      if (frame->key || !state.kept.empty()) state.kept.push_back(frame);
      sinks = state.video;
    });
    for (const auto& sink : sinks) sink->on_frame(frame);
  }
  void end(const std::string& reason) {
    const auto state = state_.with([](State& at) {
      at.ended = true;
      return at;
    });
    for (const auto& sink : state.video) sink->on_end(reason);
    for (const auto& sink : state.audio) sink->on_end(reason);
  }

  SourceInfo info() const override {
    return {.name = name_,
            .video = {{.name = "source", .codecs = {video_}}},
            .audio = has_audio_,
            .live = true};
  }
  PlayState state() const override { return {}; }
  base::Result<Watch> watch_video(const std::string&, Codec codec,
                                  std::shared_ptr<MediaSink> sink) override {
    if (codec != video_) return base::fail(base::Code::invalid_argument, "not in that codec");
    const auto kept = state_.with([&](State& state) {
      state.video.push_back(sink);
      return state.kept;
    });
    for (const auto& frame : kept) sink->on_frame(frame);
    return Watch(sink);
  }
  base::Result<Watch> watch_audio(std::shared_ptr<MediaSink> sink) override {
    state_.with([&](State& state) { state.audio.push_back(sink); });
    return Watch(sink);
  }
  void request_key_frame(const std::string&, Codec) override { wants_key_(); }
  runtime::TaskResult<bool> seek(base::Duration) override { co_return false; }
  runtime::TaskResult<bool> pause(bool) override { co_return false; }
  runtime::TaskResult<bool> loop(bool) override { co_return false; }

  struct State {
    std::vector<std::shared_ptr<MediaSink>> video;
    std::vector<std::shared_ptr<MediaSink>> audio;
    std::vector<MediaFramePtr> kept;
    std::uint64_t video_frames = 0;
    std::uint64_t key_frames = 0;
    std::uint64_t audio_frames = 0;
    bool ended = false;
  };
  State counted() const {
    return state_.with([](const State& state) { return state; });
  }

 private:
  std::string name_;
  Codec video_;
  bool has_audio_;
  std::function<void()> wants_key_;
  base::Guarded<State> state_;
};

class LiveTestCatalog final : public SourceCatalog {
 public:
  explicit LiveTestCatalog(std::shared_ptr<Source> source) : source_(std::move(source)) {}

  runtime::TaskResult<std::shared_ptr<Source>> open(std::string name, bool, Reading) override {
    if (name == "test") co_return source_;
    auto found = find(name);
    if (!found) co_return base::fail(base::Code::not_found, "nobody publishes " + name);
    co_return std::shared_ptr<Source>(std::move(found));
  }
  base::Result<std::unique_ptr<Publication>> publish(std::string name, Codec video, bool audio,
                                                     std::function<void()> wants_key) override {
    auto source = std::make_shared<LiveTestSource>(name, video, audio, std::move(wants_key));
    const bool put = live_.with([&](auto& live) { return live.emplace(name, source).second; });
    if (!put) return base::fail(base::Code::conflict, "somebody publishes " + name);
    return std::make_unique<Pub>(*this, std::move(name), std::move(source));
  }
  std::shared_ptr<LiveTestSource> find(const std::string& name) const {
    return live_.with([&](const auto& live) -> std::shared_ptr<LiveTestSource> {
      const auto found = live.find(name);
      return found == live.end() ? nullptr : found->second;
    });
  }

 private:
  class Pub final : public Publication {
   public:
    Pub(LiveTestCatalog& catalog, std::string name, std::shared_ptr<LiveTestSource> source)
        : catalog_(catalog), name_(std::move(name)), source_(std::move(source)) {}
    bool on_frame(MediaFramePtr frame) override {
      source_->give(frame);
      return true;
    }
    void end() override { lost(""); }
    void lost(const std::string& reason) override {
      catalog_.live_.with([&](auto& live) { live.erase(name_); });
      source_->end(reason);
    }

   private:
    LiveTestCatalog& catalog_;
    std::string name_;
    std::shared_ptr<LiveTestSource> source_;
  };

  std::shared_ptr<Source> source_;
  base::Guarded<std::map<std::string, std::shared_ptr<LiveTestSource>>> live_;
};

}  // namespace telltale::rtc
