// LivePlaying: what somebody publishes, already encoded, on its way to all who watch: the rendition
// `source`. Any thread; frames of one kind come one at a time. It keeps nothing but the newest
// group of pictures. It ends when its publisher ends it; one that was lost may be followed by
// another of the same name, whose frames go on where those of the first ended.
#pragma once

#include <array>

#include "media/playing.hpp"

namespace telltale::media {

class LivePlaying final : public Playing {
 public:
  static constexpr base::Duration kKeyFrameIntervalMin = std::chrono::seconds(1);
  // After that long without a frame another may publish in place of who is there.
  static constexpr base::Duration kSilent = std::chrono::seconds(3);
  // Of the publisher, from any thread: asks it for a key frame.
  using WantsKey = std::function<void()>;
  using Turn = std::uint64_t;  // of one publisher

  LivePlaying(std::string name, Codec video, bool audio, const base::Clock& clock);

  struct Took {
    Turn turn = 0;
    std::optional<base::Duration> away;  // since the last frame; none: it is the first publisher
  };
  // Somebody publishes from now on. conflict: another does; unsupported: who watches could not be
  // shown this; not_found: it has ended.
  base::Result<Took> take_over(Codec video, bool audio, WantsKey wants_key);
  bool put(Turn turn, const FramePtr& frame);  // false: another has taken over, or it has ended
  // Without an end: it, or another, may come back. False: another has taken over.
  bool leave(Turn turn);
  // Ends it unless somebody came back; `first` is called before who watches is told.
  void give_up(Turn turn, const std::string& reason, const std::function<void()>& first);
  void finish(Turn turn, const std::string& reason);  // ends it unless another took over
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
  // Where the frames of one kind have got to.
  struct Line {
    std::optional<std::uint32_t> last;
    double seconds = 0;  // on the clock of the playing
  };
  struct Seen {
    Turn turn = 0;
    bool present = false;
    WantsKey wants_key = {};
    base::SteadyTime heard{};        // the newest frame, or when its publisher came
    std::array<Line, 2> lines = {};  // audio, video
    double reached_s = 0;            // the later of the two
    base::SteadyTime reached_at{};   // when that was due
    std::optional<double> shift_s;   // added to the publisher's timestamps; none: not known so far
    bool first = true;               // nobody published before
    Rendition rendition;
    std::optional<base::SteadyTime> began;
    base::SteadyTime newest{};
    bool ended = false;
    KeyFrameDemand demand{kKeyFrameIntervalMin};
    double ticks = kVideoRate / 30.0;  // between two pictures, smoothed
  };
  bool close(std::optional<Turn> absent);
  void tell_end(const std::string& reason);
  void ask_for_key();
  void see(Seen& seen, const Frame& frame, std::uint32_t given);
  static FramePtr shifted(Seen& seen, const FramePtr& frame);

  const std::string name_;
  const base::Clock& clock_;
  const std::shared_ptr<Fanout> video_;
  const std::shared_ptr<Fanout> audio_;  // null: none
  base::Guarded<Seen> seen_;
};

// What a publisher holds; gone without a word, what it published has ended.
class Publication {
 public:
  Publication(std::shared_ptr<LivePlaying> playing, LivePlaying::Took took)
      : playing_(std::move(playing)), took_(took) {}
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;
  ~Publication() {
    if (playing_) end("the publisher has left");
  }
  // Since the last frame of the publisher before; none: there was none.
  std::optional<base::Duration> away() const noexcept { return took_.away; }
  // False: another has taken its place.
  bool on_frame(const FramePtr& frame) { return playing_ && playing_->put(took_.turn, frame); }
  void end(const std::string& reason) {
    if (playing_) playing_->finish(took_.turn, reason);
    playing_.reset();
  }
  // Ends the wait of those who watch; `first` is called before they are told, if they still wait.
  using GiveUp = std::function<void(const std::string& reason, const std::function<void()>& first)>;
  // Who watches goes on waiting, for as long as the caller thinks right. What it gives holds
  // nothing: without anybody who watches there is nothing to come back to. Empty: another has
  // taken its place.
  GiveUp leave() {
    if (!playing_ || !playing_->leave(took_.turn)) return nullptr;
    return [weak = std::weak_ptr(std::exchange(playing_, nullptr)), turn = took_.turn](
               const std::string& reason, const std::function<void()>& first) {
      if (const auto playing = weak.lock()) playing->give_up(turn, reason, first);
    };
  }

 private:
  std::shared_ptr<LivePlaying> playing_;
  const LivePlaying::Took took_;
};

}  // namespace telltale::media
