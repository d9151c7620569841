#include "monitor/sample.hpp"

#include <algorithm>

#include "monitor/timeline.hpp"

namespace telltale::monitor {
namespace {

std::optional<double> first_of(const base::JsonObject& from, std::string_view name,
                               std::string_view other) {
  if (const auto value = base::find_number(from, name)) return value;
  return base::find_number(from, other);
}

constexpr std::array kSummed{"framesDecoded",       "framesPerSecond",   "framesDropped",
                             "freezeCount",         "jitterBufferDelay", "jitterBufferEmittedCount",
                             "totalFreezesDuration"};

void add_stream(const base::JsonObject& stream, base::JsonObject& sum) {
  for (const auto* const name : kSummed)
    if (const auto value = base::find_number(stream, name))
      sum[name] = *value + base::find_number(sum, name).value_or(0);
  for (const auto* const name : {"jitter", "frameWidth", "frameHeight"})
    if (const auto value = base::find_number(stream, name))
      sum[name] = std::max(*value, base::find_number(sum, name).value_or(0));
}

// Never below zero: a counter that began anew counts from there.
template <class T>
double since(T now, T before) {
  return now > before ? static_cast<double>(now - before) : 0;
}

}  // namespace

ClientReport read_client_report(const base::JsonObject& report) {
  const base::JsonObject* from = &report;
  base::JsonObject streams;  // of all that show video: totals added, the worst jitter
  bool w3c = false;
  const base::JsonObject* pair = nullptr;
  if (const auto* const list = base::find_array(report, "stats"))
    for (const auto& one : *list) {
      const auto* const entry = one.if_object();
      if (entry == nullptr) continue;
      const auto type = base::string_or(*entry, "type");
      if (type == "inbound-rtp" && base::string_or(*entry, "kind") == "video") {
        add_stream(*entry, streams);
        from = &streams;
        w3c = true;
      }
      if (type == "candidate-pair" && base::find_bool(*entry, "nominated").value_or(false))
        pair = entry;
    }
  const auto milliseconds = [&](std::string_view name, std::string_view other) {
    auto value = base::find_number(*from, name);
    if (!value && w3c)
      if (const auto seconds = base::find_number(*from, other)) value = *seconds * 1000;
    return value;
  };
  ClientReport out{.frames_decoded = first_of(*from, "frames_decoded", "framesDecoded"),
                   .frames_per_second = first_of(*from, "frames_per_second", "framesPerSecond"),
                   .frames_dropped = first_of(*from, "frames_dropped", "framesDropped"),
                   .freezes = first_of(*from, "freezes", "freezeCount"),
                   .freeze_seconds = first_of(*from, "freeze_seconds", "totalFreezesDuration"),
                   .jitter_buffer_ms = base::find_number(*from, "jitter_buffer_ms"),
                   .jitter_ms = milliseconds("jitter_ms", "jitter"),
                   .loss_percent = base::find_number(*from, "loss_percent"),
                   .round_trip_ms = base::find_number(*from, "round_trip_ms"),
                   .frame_width = base::find_number(*from, "frameWidth"),
                   .frame_height = base::find_number(*from, "frameHeight")};
  if (pair != nullptr)
    if (const auto trip = base::find_number(*pair, "currentRoundTripTime"))
      out.round_trip_ms = *trip * 1000;
  if (!out.jitter_buffer_ms && w3c) {
    const auto delay = base::find_number(*from, "jitterBufferDelay");
    const auto emitted = base::find_number(*from, "jitterBufferEmittedCount");
    if (delay && emitted && *emitted > 0) out.jitter_buffer_ms = 1000 * *delay / *emitted;
  }
  return out;
}

Meter::Totals Meter::totals_of(const rtc::ConnectionStats& stats) {
  Totals out;
  std::array<Frames, 2> received = {};
  for (const auto& one : stats.outbound) {
    out.sent_bytes += one.bytes_sent + one.header_bytes_sent;
    out.frames_dropped += one.frames_dropped;
    out.keys_asked += one.pli_count + one.fir_count;
    out.resent += one.retransmitted_packets_sent;
    auto& frames = out.frames[one.kind == "video" ? 0 : 1];
    frames.count += one.frames_sent;
    frames.bytes += one.bytes_sent;
  }
  for (const auto& one : stats.inbound) {
    out.received_bytes += one.bytes_received + one.header_bytes_received;
    out.frames_dropped += one.frames_dropped;
    out.inbound_lost += one.packets_lost;
    out.inbound_packets += one.packets_received;
    const std::size_t kind = one.kind == "video" ? 0 : 1;
    received[kind].count += one.frames_received;
    received[kind].bytes += one.bytes_received;
  }
  // Of a call in both directions what comes in counts: that is what is shown.
  for (std::size_t kind = 0; kind < received.size(); ++kind)
    if (received[kind].count > 0) out.frames[kind] = received[kind];
  return out;
}

void Meter::add_client(const rtc::ConnectionRecord& record, Sample& out) {
  if (!record.client || record.client_at == client_at_) return;
  const bool first = client_at_ == base::WallTime{};
  const double seconds = first ? 0 : base::to_seconds(record.client_at - client_at_);
  client_at_ = record.client_at;
  out.client_fresh = true;
  const auto now = read_client_report(*record.client);
  if (collect_.detailed_stats) {
    if (now.jitter_ms) out.jitter_ms = std::max(out.jitter_ms, *now.jitter_ms);
    if (now.round_trip_ms && out.round_trip_ms <= 0) out.round_trip_ms = *now.round_trip_ms;
    out.buffer_ms = now.jitter_buffer_ms;
  }
  if (collect_.frame_stats) {
    if (now.frames_decoded && frames_decoded_ && seconds > 0)
      out.shown_fps = since(*now.frames_decoded, *frames_decoded_) / seconds;
    else if (now.frames_per_second)
      out.shown_fps = now.frames_per_second;
    if (!first) {
      out.freezes = since(now.freezes.value_or(0), freezes_);
      if (seconds > 0)
        out.frozen_share =
            std::min(1.0, since(now.freeze_seconds.value_or(0), freeze_seconds_) / seconds);
    }
  }
  // Of a foreign connection what is shown counts, where it shows anything.
  if (record.role == rtc::ConnectionRole::foreign && collect_.frame_stats && now.frame_height) {
    out.width = static_cast<std::uint16_t>(std::clamp(now.frame_width.value_or(0), 0.0, 65'535.0));
    out.height = static_cast<std::uint16_t>(std::clamp(*now.frame_height, 0.0, 65'535.0));
  }
  frames_decoded_ = now.frames_decoded;
  freezes_ = now.freezes.value_or(0);
  freeze_seconds_ = now.freeze_seconds.value_or(0);
}

Sample Meter::take(const rtc::ConnectionRecord& record, std::uint64_t stalls) {
  const auto& stats = record.stats;
  auto totals = totals_of(stats);
  totals.stalls = stalls;
  Sample out{.at = stats.at, .state = record.state, .rendition = rendition_code(record.rendition)};
  const auto from = began_ ? last_at_ : record.times.created;
  out.seconds = std::max(0.001, base::to_seconds(stats.at - from));
  const double seconds = out.seconds;
  if (collect_.detailed_stats) {
    out.sent_kbps = since(totals.sent_bytes, last_.sent_bytes) * 8 / 1000 / seconds;
    out.received_kbps = since(totals.received_bytes, last_.received_bytes) * 8 / 1000 / seconds;
    out.available_kbps = static_cast<double>(stats.bandwidth.target_bps) / 1000;
    out.loss_percent = stats.bandwidth.loss * 100;
    out.round_trip_ms = stats.bandwidth.round_trip_s * 1000;
    out.queue_ms = stats.bandwidth.queue_delay_s * 1000;
    for (const auto& one : stats.remote_inbound) {
      out.jitter_ms = std::max(out.jitter_ms, one.jitter_s * 1000);
      out.loss_percent = std::max(out.loss_percent, one.fraction_lost * 100);
    }
    for (const auto& one : stats.inbound)
      out.jitter_ms = std::max(out.jitter_ms, one.jitter_s * 1000);
    if (const auto trip = stats.candidate_pair.current_round_trip_s; trip && *trip > 0)
      out.round_trip_ms = std::max(out.round_trip_ms, *trip * 1000);
    const double lost = since(totals.inbound_lost, last_.inbound_lost);
    const double came = since(totals.inbound_packets, last_.inbound_packets);
    if (lost + came > 0) out.inbound_loss_percent = 100 * lost / (lost + came);
    out.packets_resent = since(totals.resent, last_.resent);
  }
  for (std::size_t kind = 0; kind < frames_.size(); ++kind) {
    const auto& now = totals.frames[kind];
    const auto& before = last_.frames[kind];
    frames_[kind] = {.count = now.count - std::min(now.count, before.count),
                     .bytes = now.bytes - std::min(now.bytes, before.bytes)};
  }
  if (collect_.frame_stats) {
    const bool video = !record.video_codec.empty();
    if (video && began_) out.sent_fps = static_cast<double>(frames_[0].count) / seconds;
    out.audio_fps = static_cast<double>(frames_[1].count) / seconds;
    out.frames_dropped = since(totals.frames_dropped, last_.frames_dropped);
    out.key_frames_asked = since(totals.keys_asked, last_.keys_asked);
    for (const auto& one : stats.outbound)
      if (one.kind == "video") {
        out.width = one.frame_width;
        out.height = one.frame_height;
      }
  }
  out.stalls = static_cast<std::uint64_t>(since(totals.stalls, last_.stalls));
  add_client(record, out);
  last_ = totals;
  last_at_ = stats.at;
  began_ = true;
  return out;
}

}  // namespace telltale::monitor
