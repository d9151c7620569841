// A simulated viewer: joins by WHEP, receives and counts, says on the `stats` channel what it sees
// as the page's player does, chooses another quality now and then, leaves, comes back. All that it
// decides comes from its seed. On the stage's loop; run() is all of its life and leaves nothing
// open behind it.
#pragma once

#include "base/random.hpp"
#include "simulate/link_relay.hpp"
#include "simulate/playout.hpp"
#include "simulate/stage.hpp"

namespace telltale::simulate {

class Viewer {
 public:
  Viewer(Stage& stage, std::size_t index);
  static runtime::Task<> run(Viewer* self);

 private:
  static runtime::Task<> watch(Viewer* self);
  static runtime::TaskResult<bool> join(Viewer* self, rtc::Caller* caller);
  static runtime::Task<> stay(Viewer* self, rtc::Caller* caller);
  static runtime::Task<> choose_quality(Viewer* self);
  void on_frame(const rtc::InboundStream& stream, const rtc::rtp::AssembledFrame& frame);
  void report(rtc::Caller& caller);
  void count(const rtc::CallerReport& report);

  Stage& stage_;
  base::Random random_;
  std::uint64_t seed_;
  std::uint64_t sessions_ = 0;

  // Of the connection there is now.
  std::string location_;
  std::string id_;
  std::unique_ptr<LinkRelay> link_;
  std::optional<rtc::sctp::ChannelId> channel_;
  base::SteadyTime asked_ = {};
  std::optional<base::SteadyTime> first_;  // the first frame
  Playout playout_;
  std::uint64_t frames_ = 0;
  std::uint64_t freezes_ = 0;
  base::Duration frozen_ = {};
  // As of the last report.
  base::SteadyTime reported_ = {};
  std::uint64_t reported_frames_ = 0, reported_bytes_ = 0, reported_packets_ = 0;
  std::int64_t reported_lost_ = 0;
};

}  // namespace telltale::simulate
