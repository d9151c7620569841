#include "monitor/track.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace telltale::monitor {
namespace {

using rtc::ConnectionState;

constexpr double kFirstPictureMaxMs = 600'000;  // of what a player says

double rounded(double value) {
  return std::round(value * 100) / 100;
}

double mean(double sum, double seconds) {
  return seconds > 0 ? rounded(sum / seconds) : 0;
}

}  // namespace

std::size_t abr_reason(std::string_view switch_reason) noexcept {
  if (switch_reason == "cpu") return 1;
  if (switch_reason == "chosen") return 2;
  return switch_reason == "health" || switch_reason == "memory" ? 3 : 0;
}

Track::Track(const Config& config, const rtc::ConnectionRecord& record, const Judge* judge)
    : config_(config),
      meter_(config.metrics),
      timeline_(record.times.created, config.visualization.max_history_points),
      optimiser_(config.optimization, judge),
      state_(record.state),
      quality_(record.quality),
      foreign_(record.role == rtc::ConnectionRole::foreign) {
  figures_.id = record.id;
  figures_.detailed = config.metrics.detailed_stats;
  figures_.outbound = record.role == rtc::ConnectionRole::viewer;
  figures_.inbound = record.role == rtc::ConnectionRole::publisher;
  timeline_.add(record.times.created,
                {.kind = Happened::created, .a = static_cast<std::uint8_t>(record.state)});
  changed(record);
}

void Track::changed(const rtc::ConnectionRecord& record) {
  figures_.video = !record.video_codec.empty();
  figures_.audio = !record.audio_codec.empty();
  if (record.role == rtc::ConnectionRole::foreign) {
    figures_.outbound = figures_.outbound || !record.stats.outbound.empty();
    figures_.inbound = figures_.inbound || !record.stats.inbound.empty();
  }
  const auto& times = record.times;
  const auto once = [&](const std::optional<base::WallTime>& at,
                        std::optional<base::WallTime>& told, Happened kind) {
    if (!at || told) return false;
    told = at;
    timeline_.add(*at, {.kind = kind});
    return true;
  };
  once(times.answered, told_.answered, Happened::offer_answered);
  if (once(times.ice_connected, told_.ice_connected, Happened::ice_connected))
    figures_.ice_connection.record(
        base::to_ms(*times.ice_connected - times.answered.value_or(times.created)), kIceBounds);
  if (once(times.connected, told_.connected, Happened::connected)) {
    figures_.signaling_latency.record(base::to_ms(*times.connected - times.created),
                                      kLatencyBounds);
    const std::uint8_t received = figures_.inbound ? 1 : 0;
    if (figures_.video)
      timeline_.add(*times.connected, {.kind = Happened::track, .a = 1, .b = received});
    if (figures_.audio)
      timeline_.add(*times.connected, {.kind = Happened::track, .a = 0, .b = received});
  }
  if (record.data_channels && !data_channels_ && told_.connected) {
    data_channels_ = true;
    timeline_.add(*told_.connected, {.kind = Happened::data_channel});
  }
  once(times.first_packet, told_.first_packet, Happened::first_packet);
  once(times.first_key_frame, told_.first_key_frame, Happened::first_key_frame);
  const auto now = std::max(record.stats.at, times.created);
  if (record.state == ConnectionState::disconnected && state_ != record.state)
    timeline_.add(now, {.kind = Happened::disconnected});
  if (record.state == ConnectionState::connected && state_ == ConnectionState::disconnected)
    timeline_.add(now, {.kind = Happened::reconnected});
  state_ = record.state;
  if (record.quality != quality_) {
    quality_ = record.quality;
    timeline_.add(
        now, {.kind = Happened::quality_chosen, .a = static_cast<std::uint8_t>(record.quality)});
  }
  if (record.state != ConnectionState::closed || told_.closed) return;
  if (!record.error.empty())
    timeline_.add(times.closed.value_or(now), {.kind = Happened::error}, record.error);
  told_.closed = times.closed.value_or(now);
  timeline_.add(*told_.closed, {.kind = Happened::closed, .a = reason_code(record.close_reason)});
}

void Track::switched(const rtc::SwitchRecord& change) {
  const auto from = rendition_code(change.from);
  const auto to = rendition_code(change.to);
  timeline_.add(change.at,
                {.kind = Happened::switched, .a = from, .b = to, .c = reason_code(change.reason)});
  ++figures_.abr[abr_reason(change.reason)];
  const auto known = std::ranges::find_if(
      figures_.switches, [&](const auto& one) { return one.from == from && one.to == to; });
  if (known != figures_.switches.end())
    ++known->count;
  else
    figures_.switches.push_back({.from = from, .to = to, .count = 1});
}

void Track::decided(const Decided& decided, base::WallTime at) {
  timeline_.add(at, {.kind = Happened::decided,
                     .a = static_cast<std::uint8_t>(decided.what),
                     .c = reason_code(decided.reason),
                     .value = static_cast<float>(decided.value)});
}

std::vector<Notice> Track::look_at_source(const std::shared_ptr<const rtc::Source>& source) {
  std::vector<Notice> out;
  const auto* const notes = source ? source->notes() : nullptr;
  if (notes == nullptr) return out;
  source_ = source;
  // What became of it before anybody watched here is no part of this connection's life.
  if (!note_seen_) {
    note_seen_ = 0;
    for (const auto& note : notes->after(0))
      if (note.at < timeline_.began()) note_seen_ = note.number;
  }
  constexpr std::array<std::pair<Happened, std::string_view>, 4> kSteps{
      {{Happened::source_lost, "source_lost"},
       {Happened::source_retry, "source_retry"},
       {Happened::source_back, "source_back"},
       {Happened::source_gone, "source_gone"}}};
  for (const auto& note : notes->after(*note_seen_)) {
    note_seen_ = note.number;
    const auto& [kind, name] = kSteps[static_cast<std::size_t>(note.step)];
    timeline_.add(note.at, {.kind = kind, .value = static_cast<float>(note.attempt)}, note.reason);
    out.push_back({name, note.reason, note.step != rtc::SourceStep::back});
  }
  return out;
}

void Track::count(const Sample& sample, const rtc::ConnectionRecord& record) {
  auto& out = figures_;
  out.outbound_kbps = sample.sent_kbps;
  out.inbound_kbps = sample.received_kbps;
  out.outbound_loss_percent = sample.loss_percent;
  out.inbound_loss_percent = sample.inbound_loss_percent;
  out.jitter_ms = sample.jitter_ms;
  if (config_.metrics.detailed_stats && record.state == ConnectionState::connected &&
      sample.round_trip_ms > 0)
    out.media_latency.record(sample.round_trip_ms, kLatencyBounds);
  if (config_.metrics.frame_stats) {
    out.video_fps =
        out.video ? (sample.shown_fps ? sample.shown_fps : sample.sent_fps) : std::nullopt;
    out.audio_fps = out.audio ? std::optional(sample.audio_fps) : std::nullopt;
  }
  if (sample.buffer_ms) {
    out.buffer_seconds = *sample.buffer_ms / 1000;
    out.buffer_frames = *out.buffer_seconds * out.video_fps.value_or(0);
  }
  const double underruns = sample.freezes + static_cast<double>(sample.stalls);
  out.underruns += static_cast<std::uint64_t>(underruns);
  totals_.seconds += sample.seconds;
  totals_.kbps += std::max(sample.sent_kbps, sample.received_kbps) * sample.seconds;
  const double loss = std::max(sample.loss_percent, sample.inbound_loss_percent);
  totals_.loss += loss * sample.seconds;
  totals_.worst_loss_percent = std::max(totals_.worst_loss_percent, loss);
  totals_.freezes += sample.freezes;
  totals_.underruns += underruns;
  if (!scores_) return;
  out.health = scores_->health;
  out.quality = scores_->quality;
  totals_.health += scores_->health * sample.seconds;
  totals_.quality += scores_->quality * sample.seconds;
  totals_.worst_health = std::min(totals_.worst_health, scores_->health);
}

void Track::notice(const Sample& sample, std::vector<Notice>& out) {
  const double loss = std::max(sample.loss_percent, sample.inbound_loss_percent);
  if (!lossy_ && loss >= kLossBegins) {
    lossy_ = true;
    timeline_.add(sample.at, {.kind = Happened::loss_began, .value = static_cast<float>(loss)});
    out.push_back({"loss_began", fmt::format("{:.1f} % of the packets are lost", loss), true});
  }
  quiet_looks_ = loss < kLossEnds ? quiet_looks_ + 1 : 0;
  if (lossy_ && quiet_looks_ >= 2) {
    lossy_ = false;
    timeline_.add(sample.at, {.kind = Happened::loss_ended});
    out.push_back({"loss_ended", "packets arrive again", false});
  }
  if (sample.freezes > 0) {
    timeline_.add(sample.at,
                  {.kind = Happened::froze, .value = static_cast<float>(sample.freezes)});
    out.push_back({"froze", fmt::format("the player's picture froze ({}×)", sample.freezes), true});
  }
  if (sample.stalls > 0) {
    timeline_.add(sample.at,
                  {.kind = Happened::underrun, .value = static_cast<float>(sample.stalls)});
    out.push_back(
        {"underrun", fmt::format("what is read came too late ({}×)", sample.stalls), true});
  }
  if (!scores_) return;
  const auto& limits = config_.optimization;
  const auto turn = [&](bool unwell, Happened kind, std::string_view what) {
    unwell_ = unwell;
    timeline_.add(sample.at, {.kind = kind, .value = static_cast<float>(scores_->health)});
    out.push_back({what, sentence(*scores_), unwell});
  };
  if (!unwell_ && scores_->health < limits.downgrade_below)
    turn(true, Happened::health_fell, "health_fell");
  else if (unwell_ && scores_->health > limits.upgrade_above)
    turn(false, Happened::health_rose, "health_rose");
}

Track::Seen Track::look(const rtc::ConnectionRecord& record, base::SteadyTime now,
                        Resources resources, std::optional<Range<double>> reading,
                        std::uint64_t stalls, bool can_go_down) {
  changed(record);
  Seen out;
  const auto sample = meter_.take(record, stalls);
  const bool runs =
      record.state == ConnectionState::connected || record.state == ConnectionState::disconnected;
  if (runs && config_.metrics.quality_metrics) {
    if (filled_ == kWindow)
      std::shift_left(window_.begin(), window_.end(), 1);
    else
      ++filled_;
    window_[filled_ - 1] = sample;
    scores_ = score(std::span(window_).first(filled_), scores_.value_or(Scores{}));
  }
  timeline_.add(sample, scores_ ? &*scores_ : nullptr);
  if (!runs) return out;
  count(sample, record);
  notice(sample, out.notices);
  out.buffer_seconds = figures_.buffer_seconds;
  if (!shown_ && record.client)
    if (const auto* const after = base::find(*record.client, "first_picture_ms");
        after != nullptr && after->is_number()) {
      shown_ = true;
      const double ms = std::clamp(after->to_number<double>(), 0.0, kFirstPictureMaxMs);
      timeline_.add(record.times.created + std::chrono::milliseconds(std::llround(ms)),
                    {.kind = Happened::first_shown, .value = static_cast<float>(ms)});
    }
  if (scores_) out.scores = to_json(*scores_);
  if (record.role == rtc::ConnectionRole::foreign) return out;  // nothing of it can be steered
  const bool viewer = record.role == rtc::ConnectionRole::viewer;
  out.decided =
      optimiser_.look({.now = now,
                       .state = record.state,
                       .scores = scores_ ? &*scores_ : nullptr,
                       .resources = resources,
                       .automatic = viewer && record.quality == rtc::Quality::automatic &&
                                    !record.rendition.empty(),
                       .can_go_down = can_go_down,
                       .limited = !record.limit.empty(),
                       .stands_still = viewer && sample.client_fresh && sample.shown_fps &&
                                       *sample.shown_fps <= 0 && meter_.frames()[0].count > 0,
                       .loss_percent = std::max(sample.loss_percent, sample.inbound_loss_percent),
                       .underruns = static_cast<double>(sample.stalls),
                       .reading = reading});
  return out;
}

base::JsonObject Track::summary(const rtc::ConnectionRecord& record) const {
  base::JsonObject out{{"connection_id", record.id},
                       {"role", rtc::role_name(record.role)},
                       {"source", record.source},
                       {"actor", record.actor},
                       {"peer_address", record.peer_address},
                       {"created_at", base::format_rfc3339(record.times.created)},
                       {"duration_seconds", rounded(totals_.seconds)},
                       {"mean_kbps", mean(totals_.kbps, totals_.seconds)},
                       {"mean_loss_percent", mean(totals_.loss, totals_.seconds)},
                       {"worst_loss_percent", rounded(totals_.worst_loss_percent)},
                       {"freezes", totals_.freezes},
                       {"buffer_underruns", totals_.underruns},
                       {"quality_switches", record.switch_count}};
  if (record.times.closed) {
    out["closed_at"] = base::format_rfc3339(*record.times.closed);
    out["close_reason"] = record.close_reason;
    out["duration_seconds"] =
        rounded(base::to_seconds(*record.times.closed - record.times.created));
  }
  if (!record.error.empty()) out["error"] = record.error;
  if (scores_) {
    out["mean_health"] = mean(totals_.health, totals_.seconds);
    out["worst_health"] = totals_.worst_health;
    out["mean_quality"] = mean(totals_.quality, totals_.seconds);
    out["last"] = sentence(*scores_);
  }
  return out;
}

std::size_t Track::bytes() const noexcept {
  return sizeof *this - sizeof timeline_ + timeline_.bytes() +
         figures_.switches.capacity() * sizeof(QualitySwitches);
}

}  // namespace telltale::monitor
