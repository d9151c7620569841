// LivePlaying: what somebody publishes, already encoded, on its way to all who watch: the rendition
// `source`. Any thread; frames of one kind come one at a time. It keeps nothing but the newest
// group of pictures, and ends with its publication.
#pragma once

#include "media/playing.hpp"

namespace telltale::media {

class LivePlaying final : public Playing {
 public:
  static constexpr base::Duration kKeyFrameIntervalMin = std::chrono::seconds(1);

  // `wants_key` asks the publisher for a key frame, from any thread.
  LivePlaying(std::string name, Codec video, bool audio, const base::Clock& clock,
              std::function<void()> wants_key);

  void put(const FramePtr& frame);
  void end(const std::string& reason);

  PlayingInfo info() const override;
  PlayState state() const override;
  Statistics statistics() const override;
  base::Result<Watch> watch_video(const std::string& rendition, Codec codec,
                                  std::shared_ptr<Sink> sink) override;
  base::Result<Watch> watch_audio(std::shared_ptr<Sink> sink) override;
  void request_key_frame(const std::string& rendition, Codec codec) override;
  base::Result<void> seek(base::Duration to) override;
  base::Result<void> pause(bool paused) override;
  base::Result<void> loop(bool on) override;
  void stop() override { end("it was stopped"); }

 private:
  struct Seen {
    Rendition rendition;
    std::optional<base::SteadyTime> began;
    base::SteadyTime newest{};
    bool ended = false;
    KeyFrameDemand demand{kKeyFrameIntervalMin};
    std::optional<std::uint32_t> last_timestamp;
    double ticks = kVideoRate / 30.0;  // between two pictures, smoothed
  };
  void ask_for_key();

  const std::string name_;
  const base::Clock& clock_;
  const std::function<void()> wants_key_;
  const std::shared_ptr<Fanout> video_;
  const std::shared_ptr<Fanout> audio_;  // null: none
  base::Guarded<Seen> seen_;
};

// What a publisher holds; gone, what it published has ended.
class Publication {
 public:
  explicit Publication(std::shared_ptr<LivePlaying> playing) : playing_(std::move(playing)) {}
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;
  ~Publication() { end("the publisher has left"); }
  void on_frame(const FramePtr& frame) { playing_->put(frame); }
  void end(const std::string& reason) { playing_->end(reason); }

 private:
  const std::shared_ptr<LivePlaying> playing_;
};

}  // namespace telltale::media
