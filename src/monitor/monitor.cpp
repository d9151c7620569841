#include "monitor/monitor.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "rtc/codec.hpp"
#include "rtc/send/packed_frame.hpp"

namespace telltale::monitor {

using base::JsonObject;

namespace {

// Whether anything less than what is sent, and than what is allowed, can be had in this codec.
bool can_go_lower(const rtc::SourceInfo& info, const rtc::ConnectionRecord& record) {
  const rtc::Rendition* least = nullptr;
  for (const auto& one : info.video) {
    const bool ours = std::ranges::any_of(
        one.codecs, [&](auto codec) { return rtc::codec_name(codec) == record.video_codec; });
    if (ours && (least == nullptr || one.bitrate_bps < least->bitrate_bps)) least = &one;
  }
  return least != nullptr && least->name != record.rendition && least->name != record.limit;
}

}  // namespace

JsonObject to_json(const Decided& decided) {
  JsonObject out{{"decision", decision_name(decided.what)},
                 {"reason", decided.reason},
                 {"sentence", decided.sentence}};
  if (decided.what == Decision::buffer) {
    out["buffer_size"] = decided.value;
    out["prefetch_threshold"] = decided.threshold;
  }
  return out;
}

JsonObject story(const Ended& ended) {
  auto out = ended.summary;
  out["connection"] = rtc::to_json(*ended.record);
  if (const auto timeline = Timeline::unpack(ended.timeline))
    out["timeline"] = to_json(*timeline, timeline->size());
  return out;
}

Monitor::Monitor(Config config, Parts parts)
    : config_(std::move(config)), parts_(std::move(parts)) {}

Monitor::~Monitor() = default;

void Monitor::set_resources(Resources resources, double memory_bytes) {
  if (!config_.metrics.resource_stats) return;
  cpu_ = resources.cpu;
  memory_ = resources.memory;
  memory_bytes_ = memory_bytes;
}

void Monitor::publish(const rtc::ConnectionRecord& record, std::string_view what, bool bad,
                      JsonObject data) {
  data["connection_id"] = record.id;
  data["event_type"] = what;
  if (parts_.log)
    parts_.log(fmt::format("{} {} {} {}", base::format_rfc3339(parts_.clock.wall()),
                           bad ? "warning" : "info", record.id, base::write_json(data)));
  parts_.events.publish({.time = parts_.clock.wall(),
                         .type = "webrtc_health",
                         .channel = "webrtc",
                         .subject = record.id,
                         .severity = bad ? runtime::Severity::warning : runtime::Severity::info,
                         .data = std::move(data)});
}

void Monitor::publish(const rtc::ConnectionRecord& record, const std::vector<Notice>& notices,
                      const JsonObject& scores) {
  for (const auto& notice : notices) {
    JsonObject data{{"sentence", notice.sentence}};
    if (const auto* const health = base::find(scores, "health")) data["health"] = *health;
    publish(record, notice.what, notice.bad, std::move(data));
  }
}

void Monitor::on_connection(const rtc::ConnectionPtr& record) {
  const auto track = tracks_.find(record->id);
  if (!track) {
    if (record->state == rtc::ConnectionState::closed) return;
    auto made = std::make_shared<Guarded>();
    made->with([&](auto& at) { at.emplace(config_, *record, parts_.judge); });
    tracks_.put(record->id, std::move(made));
    // Those of other applications are counted apart (the lens).
    if (record->role != rtc::ConnectionRole::foreign)
      global_.with([](Global& all) { ++all.total; });
  } else {
    const bool ended = record->state == rtc::ConnectionState::closed;
    const auto notices = track->with([&](auto& at) {
      auto told = ended ? at->look_at_source(at->source()) : std::vector<Notice>();
      at->changed(*record);
      return told;
    });
    publish(*record, notices, {});
  }
  if (parts_.log)
    parts_.log(fmt::format("{} info {} {}{}", base::format_rfc3339(parts_.clock.wall()), record->id,
                           rtc::state_name(record->state),
                           record->close_reason.empty() ? "" : " (" + record->close_reason + ")"));
  if (record->state == rtc::ConnectionState::closed) end(record);
}

void Monitor::on_switch(const rtc::ConnectionPtr& record, const rtc::SwitchRecord& change) {
  if (const auto track = tracks_.find(record->id))
    track->with([&](auto& at) { at->switched(change); });
}

bool Monitor::steers(const rtc::Source* source, const std::string& id) {
  return steering_.with([&](auto& all) { return all.try_emplace(source, id).first->second == id; });
}

void Monitor::count_frames(const rtc::ConnectionRecord& record,
                           const std::array<Meter::Frames, 2>& frames) {
  // What our server sent and received: a foreign connection's frames are not among them.
  if (!config_.metrics.frame_stats || record.role == rtc::ConnectionRole::foreign) return;
  const bool views = record.role == rtc::ConnectionRole::viewer;
  global_.with([&](Global& all) {
    for (std::size_t kind = 0; kind < frames.size(); ++kind) {
      const auto& now = frames[kind];
      if (now.count == 0) continue;
      const auto quality = kind == 1 ? rendition_code("audio") : rendition_code(record.rendition);
      auto& out = all.frames[kind][std::min<std::size_t>(quality, kQualities - 1)];
      (views ? out.sent : out.received) += now.count;
      if (views)
        out.size.record(static_cast<double>(now.bytes) / static_cast<double>(now.count),
                        kFrameSizeBounds, now.count);
    }
  });
}

JsonObject Monitor::on_statistics(const rtc::ConnectionPtr& record) {
  const auto track = tracks_.find(record->id);
  if (!track) return {};
  const auto source = parts_.actions.source_of(record->id);
  std::optional<Range<double>> reading;
  std::uint64_t stalls = 0;
  if (source && record->role == rtc::ConnectionRole::viewer)
    if (const auto how = source->reading()) {
      stalls = source->state().stalls;
      if (steers(source.get(), record->id))
        reading = Range<double>{.low = base::to_seconds(how->ahead), .high = how->threshold};
    }
  const Resources resources{.cpu = cpu_.load(), .memory = memory_.load()};
  const auto now = parts_.clock.now();
  auto seen = track->with([&](auto& at) {
    // Only when it may matter: asking a source takes longer than all the rest.
    const bool lower = source && at->standing() < config_.optimization.upgrade_above &&
                       can_go_lower(source->info(), *record);
    auto out = at->look(*record, now, resources, reading, stalls, lower);
    count_frames(*record, at->frames());
    if (record->role == rtc::ConnectionRole::viewer)
      for (auto& notice : at->look_at_source(source)) out.notices.push_back(std::move(notice));
    return out;
  });
  publish(*record, seen.notices, seen.scores);
  for (auto& decided : seen.decided) carry_out(record, std::move(decided));
  JsonObject out;
  if (!seen.scores.empty()) out["scores"] = std::move(seen.scores);
  if (seen.buffer_seconds) out["buffer_seconds"] = *seen.buffer_seconds;
  return out;
}

void Monitor::carry_out(const rtc::ConnectionPtr& record, Decided decided) {
  auto id = record->id;
  auto done = [this, record, decided, alive = std::weak_ptr(alive_)](base::Result<void> result) {
    if (alive.expired()) return;
    auto data = to_json(decided);
    data["done"] = result.has_value();
    if (!result) data["detail"] = result.error().detail;
    if (result) {
      global_.with([&](Global& all) { ++all.decisions[static_cast<std::size_t>(decided.what)]; });
      if (const auto track = tracks_.find(record->id))
        track->with([&](auto& at) { at->decided(decided, parts_.clock.wall()); });
    }
    publish(*record, "decision", !result, std::move(data));
  };
  parts_.actions.act(std::move(id), std::move(decided), std::move(done));
}

void Monitor::end(const rtc::ConnectionPtr& record) {
  const auto track = tracks_.take(record->id);
  if (!track) return;
  steering_.with([&](auto& all) {
    std::erase_if(all, [&](const auto& one) { return one.second == record->id; });
  });
  if (record->times.closed && record->role != rtc::ConnectionRole::foreign)
    global_.with([&](Global& all) {
      all.durations.record(base::to_seconds(*record->times.closed - record->times.created),
                           kDurationBounds);
    });
  if (!parts_.ended) return;
  track->with([&](auto& at) {
    parts_.ended(
        {.record = record, .summary = at->summary(*record), .timeline = at->timeline().pack()});
  });
}

std::optional<Monitor::View> Monitor::view(const rtc::ConnectionRecord& record) const {
  const auto track = tracks_.find(record.id);
  if (!track) return std::nullopt;
  return track->with([&](const auto& at) {
    return View{.timeline = at->timeline(),
                .scores = at->scores(),
                .standing = at->standing(),
                .summary = at->summary(record)};
  });
}

std::optional<Scores> Monitor::scores(const std::string& id) const {
  const auto track = tracks_.find(id);
  if (!track) return std::nullopt;
  return track->with([](const auto& at) { return at->scores(); });
}

std::vector<ToldEvent> Monitor::events_of(const std::string& id, base::WallTime& began) const {
  const auto track = tracks_.find(id);
  if (!track) return {};
  return track->with([&](const auto& at) {
    began = at->began();
    return at->timeline().events();
  });
}

std::optional<ConnectionFigures> Monitor::figures_of(const std::string& id) const {
  const auto track = tracks_.find(id);
  if (!track) return std::nullopt;
  return track->with([](const auto& at) { return at->figures(); });
}

Figures Monitor::figures() const {
  Figures out;
  global_.with([&](const Global& all) {
    out.connections_total = all.total;
    out.durations = all.durations;
    out.frames = all.frames;
    out.decisions = all.decisions;
  });
  struct Order {
    base::WallTime began;
    ConnectionFigures figures;
  };
  std::vector<Order> open;
  for (const auto& track : tracks_.all())
    track->with([&](const auto& at) {
      if (at->connected() && !at->foreign()) ++out.active;
      open.push_back({at->began(), at->figures()});
    });
  std::ranges::sort(open, [](const Order& a, const Order& b) {
    return a.began != b.began ? a.began < b.began : a.figures.id < b.figures.id;
  });
  out.connections.reserve(open.size());
  for (auto& one : open) out.connections.push_back(std::move(one.figures));
  out.resources_collected = config_.metrics.resource_stats;
  out.cpu_percent = cpu_.load() * 100;
  out.memory_bytes = memory_bytes_.load();
  return out;
}

std::size_t Monitor::bytes() const {
  std::size_t out = 0;
  for (const auto& track : tracks_.all())
    out += track->with([](const auto& at) { return at->bytes(); });
  return out;
}

}  // namespace telltale::monitor
