// Monitor: every connection's truth. The engine tells it of each connection on that connection's
// loop; it measures, scores, keeps a timeline, decides (Optimiser) and has the decisions carried
// out. What it knows is read on any thread. Each notice and decision is a `webrtc_health` event.
// Made before the engine starts and goes after it has stopped; has no task of its own.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <unordered_map>

#include "base/guarded.hpp"
#include "monitor/actions.hpp"
#include "monitor/track.hpp"
#include "runtime/event.hpp"
#include "runtime/shared_map.hpp"

namespace telltale::monitor {

// Of one that ended, for whoever keeps it. Called on its loop; must not block, nor write it all out
// there: story() takes a while.
struct Ended {
  rtc::ConnectionPtr record;
  base::JsonObject summary;
  std::string timeline;  // Timeline::pack()
};

base::JsonObject story(const Ended& ended);  // all of it, for people

class Monitor final : public rtc::ConnectionObserver {
 public:
  struct Parts {
    const base::Clock& clock;
    runtime::EventSink& events;
    Actions& actions;
    std::function<void(Ended)> ended = {};
    std::function<void(const std::string& line)> log = {};  // webrtc_monitor.log
    const Judge* judge = nullptr;  // in place of the strategy's; outlives the monitor
  };
  Monitor(Config config, Parts parts);
  ~Monitor() override;
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  void on_connection(const rtc::ConnectionPtr& record) override;
  void on_switch(const rtc::ConnectionPtr& record, const rtc::SwitchRecord& change) override;
  base::JsonObject on_statistics(const rtc::ConnectionPtr& record) override;

  void set_resources(Resources resources, double memory_bytes);  // any thread

  const Config& config() const noexcept { return config_; }
  // Of an open one: what is said of it now. Nothing: it is not known.
  struct View {
    Timeline timeline;
    std::optional<Scores> scores;
    double standing = 100;
    base::JsonObject summary;
  };
  std::optional<View> view(const rtc::ConnectionRecord& record) const;
  std::optional<Scores> scores(const std::string& id) const;
  std::vector<ToldEvent> events_of(const std::string& id, base::WallTime& began) const;
  std::optional<ConnectionFigures> figures_of(const std::string& id) const;
  Figures figures() const;
  std::size_t size() const { return tracks_.size(); }
  std::size_t bytes() const;  // of all tracks

 private:
  using Guarded = base::Guarded<std::optional<Track>>;
  struct Global {
    std::uint64_t total = 0;
    Buckets<9> durations;
    std::array<std::array<FrameFigures, kQualities>, 2> frames = {};
    std::array<std::uint64_t, kDecisions> decisions = {};
  };

  void publish(const rtc::ConnectionRecord& record, std::string_view what, bool bad,
               base::JsonObject data);
  void publish(const rtc::ConnectionRecord& record, const std::vector<Notice>& notices,
               const base::JsonObject& scores);
  void carry_out(const rtc::ConnectionPtr& record, Decided decided);
  void count_frames(const rtc::ConnectionRecord& record,
                    const std::array<Meter::Frames, 2>& frames);
  void end(const rtc::ConnectionPtr& record);
  // Whether this connection is the one that steers how its source is read.
  bool steers(const rtc::Source* source, const std::string& id);

  const Config config_;
  Parts parts_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  runtime::SharedMap<Guarded> tracks_;
  base::Guarded<std::unordered_map<const rtc::Source*, std::string>> steering_;
  base::Guarded<Global> global_;
  std::atomic<double> cpu_{0}, memory_{0}, memory_bytes_{0};
};

// How it is asked for and told.
base::JsonObject to_json(const Decided& decided);

}  // namespace telltale::monitor
