// Playing: what a user of media holds: something that plays and can be watched. Any thread, at
// once. PlayerThread plays an input on a thread of its own; stop() (or the destructor) ends it, a
// blocked read included, joins, and tells all who watch.
#pragma once

#include <atomic>
#include <thread>

#include "base/guarded.hpp"
#include "base/monitor.hpp"
#include "media/byte_source.hpp"
#include "media/player.hpp"

namespace telltale::media {

class Playing {
 public:
  virtual ~Playing() = default;
  virtual PlayingInfo info() const = 0;
  virtual PlayState state() const = 0;
  virtual Statistics statistics() const = 0;
  // Frames go to `sink` until the handle is gone; the first of video is a key frame: the newest
  // group of pictures is given at once, with its old timestamps. invalid_argument: no such
  // rendition or codec; conflict: it has ended.
  virtual base::Result<Watch> watch_video(const std::string& rendition, Codec codec,
                                          std::shared_ptr<Sink> sink) = 0;
  virtual base::Result<Watch> watch_audio(std::shared_ptr<Sink> sink) = 0;
  // For each rendition and codec two at once are made (of a publisher: one), and over time one a
  // second.
  virtual void request_key_frame(const std::string& rendition, Codec codec) = 0;
  // conflict: it is live, or its end is not known; invalid_argument: beyond its end.
  virtual base::Result<void> seek(base::Duration to) = 0;
  virtual base::Result<void> pause(bool paused) = 0;
  virtual base::Result<void> loop(bool on) = 0;
  virtual bool ready() const { return true; }  // false: nothing else may be called yet
  virtual void stop() = 0;                     // blocks a little; not from a sink
};

class PlayerThread final : public Playing {
 public:
  // Makes the input, on the thread; `cancelled` is for its reads.
  using MakeInput =
      std::function<base::Result<std::unique_ptr<Input>>(std::shared_ptr<std::atomic<bool>>)>;
  // Told once, on the thread: it plays, or why not. Nothing else may be called before.
  using Ready = std::move_only_function<void(base::Result<void>)>;

  // `cancel_read` ends a read that blocks, from any thread.
  PlayerThread(MakeInput make_input, std::function<void()> cancel_read, PlayerSettings settings,
               const base::Clock& clock);
  void start(Ready ready);  // once
  PlayerThread(const PlayerThread&) = delete;
  PlayerThread& operator=(const PlayerThread&) = delete;
  ~PlayerThread() override { stop(); }

  PlayingInfo info() const override { return player().info(); }
  PlayState state() const override { return player().state(); }
  Statistics statistics() const override { return player().statistics(); }
  base::Result<Watch> watch_video(const std::string& rendition, Codec codec,
                                  std::shared_ptr<Sink> sink) override {
    return player().watch_video(rendition, codec, std::move(sink));
  }
  base::Result<Watch> watch_audio(std::shared_ptr<Sink> sink) override {
    return player().watch_audio(std::move(sink));
  }
  void request_key_frame(const std::string& rendition, Codec codec) override {
    player().request_key_frame(rendition, codec);
  }
  base::Result<void> seek(base::Duration to) override { return player().seek(to); }
  base::Result<void> pause(bool paused) override;
  base::Result<void> loop(bool on) override;
  bool ready() const override { return ready_.load(); }
  void stop() override;

 private:
  struct Signal {
    bool woken = false;
    bool stopping = false;
  };
  Player& player() const;
  void run(Ready ready);

  MakeInput make_input_;
  PlayerSettings settings_;
  const std::function<void()> cancel_read_;
  const base::Clock& clock_;
  const std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
  // Shared with the handles of watchers, which may go after us.
  const std::shared_ptr<base::Monitor<Signal>> signal_ = std::make_shared<base::Monitor<Signal>>();
  std::unique_ptr<Player> player_;  // made on the thread, before `ready`
  std::atomic<bool> ready_{false};
  base::Guarded<std::thread> thread_;
};

}  // namespace telltale::media
