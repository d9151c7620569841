// Track: what the monitor knows of one connection. Written on the connection's loop, read anywhere
// under its lock (base::Guarded, held by Monitor). Its size is bounded: see Timeline.
#pragma once

#include "monitor/figures.hpp"
#include "monitor/optimiser.hpp"
#include "monitor/timeline.hpp"
#include "rtc/source.hpp"

namespace telltale::monitor {

// Something worth telling: an event and a line of the log.
struct Notice {
  std::string_view what;  // loss_began, … source_lost, source_retry, source_back, source_gone
  std::string sentence;
  bool bad = false;
};

// Of its whole life.
struct Totals {
  double seconds = 0;
  double health = 0, quality = 0;  // sums over time, in seconds
  int worst_health = 100;
  double kbps = 0, loss = 0;  // the same
  double worst_loss_percent = 0;
  double freezes = 0;
  double underruns = 0;
};

class Track {
 public:
  static constexpr double kLossBegins = 3;  // percent of a poll's packets
  static constexpr double kLossEnds = 1;

  Track(const Config& config, const rtc::ConnectionRecord& record, const Judge* judge);

  // Its state or its times changed.
  void changed(const rtc::ConnectionRecord& record);
  void switched(const rtc::SwitchRecord& change);
  struct Seen {
    std::vector<Notice> notices;
    std::vector<Decided> decided;
    base::JsonObject scores;                    // what webrtc_stats carries
    std::optional<double> buffer_seconds = {};  // the player's; the same
  };
  // A poll. `reading` of a source whose reading this connection steers.
  Seen look(const rtc::ConnectionRecord& record, base::SteadyTime now, Resources resources,
            std::optional<Range<double>> reading, std::uint64_t stalls, bool can_go_down);
  void decided(const Decided& decided, base::WallTime at);
  // What became of its source since the last look: what is to be told of that.
  std::vector<Notice> look_at_source(const std::shared_ptr<const rtc::Source>& source);
  // Its source at the last look, to ask once more when it ends.
  std::shared_ptr<const rtc::Source> source() const { return source_.lock(); }

  const std::string& id() const noexcept { return figures_.id; }
  base::WallTime began() const noexcept { return timeline_.began(); }
  const Timeline& timeline() const noexcept { return timeline_; }
  const std::optional<Scores>& scores() const noexcept { return scores_; }
  double standing() const noexcept { return optimiser_.standing(); }
  bool connected() const noexcept { return state_ == rtc::ConnectionState::connected; }
  bool foreign() const noexcept { return foreign_; }
  const ConnectionFigures& figures() const noexcept { return figures_; }
  const Totals& totals() const noexcept { return totals_; }
  const std::array<Meter::Frames, 2>& frames() const noexcept { return meter_.frames(); }
  base::JsonObject summary(const rtc::ConnectionRecord& record) const;
  std::size_t bytes() const noexcept;  // what it takes

 private:
  void count(const Sample& sample, const rtc::ConnectionRecord& record);
  void notice(const Sample& sample, std::vector<Notice>& out);

  const Config& config_;
  Meter meter_;
  std::array<Sample, kWindow> window_;
  std::size_t filled_ = 0;
  std::optional<Scores> scores_;
  Timeline timeline_;
  Optimiser optimiser_;
  ConnectionFigures figures_;
  Totals totals_;
  rtc::ConnectionState state_ = rtc::ConnectionState::connecting;
  rtc::Quality quality_ = rtc::Quality::automatic;
  rtc::ConnectionTimes told_;  // those that the timeline has
  std::weak_ptr<const rtc::Source> source_;
  std::optional<std::uint64_t> note_seen_;
  const bool foreign_;
  bool data_channels_ = false;
  bool shown_ = false;  // a first picture
  bool lossy_ = false;
  bool unwell_ = false;
  int quiet_looks_ = 0;
};

}  // namespace telltale::monitor
