// Player: one playing of an input, without a thread: step() reads, decodes and hands over what is
// due, and says when to come again. Pacing, loop, seek, pause, who wants what. Everything but
// step() and finish() may be called by any thread and only leaves word; `wake` is called then.
#pragma once

#include <map>

#include "media/audio_encoder.hpp"
#include "media/input.hpp"
#include "media/lane.hpp"

namespace telltale::media {

struct PlayerSettings {
  std::string name;
  LadderSettings ladder = {};
  LaneSettings lanes = {};
  base::Duration key_frame_interval = std::chrono::seconds(2);
};

class Player {
 public:
  static constexpr base::Duration kAhead = std::chrono::milliseconds(250);  // decoded before due
  static constexpr base::Duration kLead = std::chrono::milliseconds(60);    // to get ready in
  static constexpr base::Duration kSkewMax = std::chrono::seconds(1);  // of sound against pictures
  static constexpr base::Duration kLate = std::chrono::milliseconds(150);  // not shown any more
  static constexpr base::Duration kStall = std::chrono::seconds(1);        // time is stretched
  static constexpr base::Duration kPassMin = std::chrono::milliseconds(1);
  static constexpr base::Duration kSeekMax = std::chrono::hours(24 * 365);
  static constexpr std::size_t kWaitingUnitsMax = 2048;
  static constexpr std::size_t kWaitingBytesMax = 96U << 20U;

  Player(std::unique_ptr<Input> input, PlayerSettings settings, const base::Clock& clock,
         std::function<void()> wake);
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;
  ~Player();

  const PlayingInfo& info() const noexcept { return info_; }
  PlayState state() const;
  Statistics statistics() const;
  base::Result<Watch> watch_video(const std::string& rendition, Codec codec,
                                  std::shared_ptr<Sink> sink);
  base::Result<Watch> watch_audio(std::shared_ptr<Sink> sink);
  void request_key_frame(const std::string& rendition, Codec codec);
  base::Result<void> seek(base::Duration to);
  void pause(bool paused);
  void loop(bool on);

  // When to step again; none: after the next wake.
  std::optional<base::SteadyTime> step();
  // Tells all who watch; nothing comes after.
  void finish(const std::string& reason);
  Input& input() noexcept { return *input_; }

 private:
  struct Shared {
    PlayState state;
    std::optional<base::Duration> seek;
    Statistics statistics;
  };
  using Waiting = std::variant<Picture, PacketUnit>;

  void lay_lanes();
  void reopen();
  Fanout* find(const std::string& rendition, Codec codec);
  void take_commands(base::SteadyTime now);
  void do_seek(base::Duration to, base::SteadyTime now);
  std::optional<base::SteadyTime> update_wants(base::SteadyTime now);
  bool wants_more(base::SteadyTime now) const;
  void read(base::SteadyTime now);
  void take(PictureUnit unit);
  void take(PacketUnit unit);
  void take(SoundUnit unit);
  void put(base::Duration stream, std::size_t bytes, Waiting waiting);
  bool begin_again();
  void hand_over(base::SteadyTime now);
  void hand_over(base::Duration stream, Picture picture, base::Duration late);
  void hand_over(base::Duration stream, PacketUnit packet);
  void publish(base::SteadyTime now);

  const PlayerSettings settings_;
  const base::Clock& clock_;
  const std::function<void()> wake_;
  const std::unique_ptr<Input> input_;
  const InputInfo input_info_;
  PlayingInfo info_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::shared_ptr<Fanout> source_;  // what is passed through
  std::shared_ptr<Fanout> audio_;
  base::Guarded<Shared> shared_;

  // Of the thread that steps.
  Timeline timeline_;
  KeyFrameRhythm rhythm_;
  FrameRateLimit frame_rate_;
  std::optional<AudioEncoder> audio_encoder_;
  std::multimap<base::Duration, std::pair<std::size_t, Waiting>> waiting_;  // by stream time
  std::size_t waiting_bytes_ = 0;
  Wanted wanted_;
  std::optional<base::SteadyTime> unheard_since_;
  bool watched_ = false;
  base::Duration video_read_{}, audio_read_{};  // how far, in stream time
  base::Duration pass_begin_{}, pass_end_{};    // of what was read, in stream time
  base::Duration skip_before_{};                // media time: decoded on the way to it only
  // What is sent never goes back in time, whatever a damaged input says.
  base::Duration picture_sent_ = base::Duration::min();
  base::Duration packet_sent_ = base::Duration::min();
  base::Duration sound_sent_ = base::Duration::min();
  std::uint64_t pass_units_ = 0;
  bool key_owed_ = false;
  bool input_ended_ = false;
  bool peek_ = false;  // a seek while paused shows one picture
  bool finished_ = false;
  Statistics counted_;
};

}  // namespace telltale::media
