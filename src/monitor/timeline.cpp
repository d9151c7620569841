#include "monitor/timeline.hpp"

#include <algorithm>
#include <cmath>

#include "monitor/decision.hpp"
#include "rtc/quality.hpp"

namespace telltale::monitor {
namespace {

constexpr std::uint8_t kAbsent = 255;
constexpr std::int64_t kStepMs = 20;
constexpr std::uint32_t kPackVersion = 2;

constexpr std::array<std::string_view, 8> kRenditions{"",       "low",  "medium", "high",
                                                      "source", "best", "audio",  "other"};
constexpr std::array<std::string_view, 24> kReasons{
    "",          "room",   "target_fell", "queue",   "loss",     "chosen",
    "tried",     "health", "cpu",         "asked",   "peer",     "consent",
    "timeout",   "dtls",   "content_end", "source",  "shutdown", "memory",
    "underruns", "well",   "froze",       "silence", "range",    "replaced"};

template <class Names>
std::uint8_t code_of(const Names& names, std::string_view name, std::uint8_t otherwise) {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? otherwise : static_cast<std::uint8_t>(found - names.begin());
}

template <class T>
T packed(double value, double unit, double most) {
  return static_cast<T>(std::lround(std::clamp(value / unit, 0.0, most)));
}

template <class T>
void append(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
bool take(std::string_view& from, T& value) {
  if (from.size() < sizeof value) return false;
  from.copy(reinterpret_cast<char*>(&value), sizeof value);
  from.remove_prefix(sizeof value);
  return true;
}

}  // namespace

std::uint8_t rendition_code(std::string_view name) noexcept {
  return code_of(kRenditions, name, 7);
}
std::string_view rendition_of(std::uint8_t code) noexcept {
  return code < kRenditions.size() ? kRenditions[code] : "other";
}
std::uint8_t reason_code(std::string_view name) noexcept {
  return code_of(kReasons, name, kAbsent);
}
std::string_view reason_of(std::uint8_t code) noexcept {
  return code < kReasons.size() ? kReasons[code] : "other";
}

std::string_view happened_name(Happened kind) noexcept {
  constexpr std::array<std::string_view, 26> kNames{
      "created",        "offer_answered", "ice_connected",   "connected",    "disconnected",
      "reconnected",    "first_packet",   "first_key_frame", "track_added",  "data_channel_added",
      "quality_chosen", "switched",       "froze",           "underrun",     "loss_began",
      "loss_ended",     "health_fell",    "health_rose",     "decided",      "error",
      "closed",         "first_shown",    "source_lost",     "source_retry", "source_back",
      "source_gone"};
  const auto at = static_cast<std::size_t>(kind);
  return at < kNames.size() ? kNames[at] : "other";
}

Timeline::Timeline(base::WallTime began, std::size_t points_max)
    : began_(began), first_(began), last_(began), points_(points_max), events_(kEventsMax) {}

void Timeline::add(const Sample& sample, const Scores* scores) {
  auto after = (sample.at - last_).count() / kStepMs;
  after = std::clamp<std::int64_t>(after, 0, 65'535);
  last_ += std::chrono::milliseconds(after * kStepMs);
  Packed point{
      .after = static_cast<std::uint16_t>(after),
      .kbps = packed<std::uint16_t>(std::max(sample.sent_kbps, sample.received_kbps), 1, 65'535),
      .available = packed<std::uint16_t>(sample.available_kbps, 1, 65'535),
      .loss = packed<std::uint16_t>(std::max(sample.loss_percent, sample.inbound_loss_percent),
                                    0.01, 10'000),
      .trip = packed<std::uint16_t>(sample.round_trip_ms, 0.1, 65'535),
      .jitter = packed<std::uint8_t>(sample.jitter_ms, 1, 254),
      .rate = kAbsent,
      .buffer = kAbsent,
      .health = kAbsent,
      .quality = kAbsent};
  if (const auto rate = sample.shown_fps ? sample.shown_fps : sample.sent_fps)
    point.rate = packed<std::uint8_t>(*rate, 0.5, 254);
  if (sample.buffer_ms) point.buffer = packed<std::uint8_t>(*sample.buffer_ms, 20, 254);
  if (scores != nullptr) {
    point.health = static_cast<std::uint8_t>(scores->health);
    point.quality = static_cast<std::uint8_t>(scores->quality);
  }
  point.flags =
      static_cast<std::uint8_t>(static_cast<unsigned>(sample.state) |
                                (sample.rendition & 15U) << 3U | (sample.freezes > 0 ? 128U : 0U));
  // The oldest is about to go: what comes after it becomes the first.
  if (points_.size() == points_.capacity())
    first_ += std::chrono::milliseconds((points_.capacity() > 1 ? points_[1].after : point.after) *
                                        kStepMs);
  if (points_.empty()) first_ = last_;
  points_.push(point);
}

void Timeline::add(base::WallTime at, TimelineEvent event, std::string_view text) {
  event.at_ms =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>((at - began_).count(), 0, 0xFFFF'FFFF));
  if (events_.size() == events_.capacity()) ++events_forgotten_;
  events_.push(event);
  std::erase_if(texts_, [&](const Text& one) { return one.number < events_forgotten_; });
  if (text.empty()) return;
  if (texts_.size() >= kTextsMax) texts_.erase(texts_.begin());
  texts_.push_back({.number = events_forgotten_ + events_.size() - 1,
                    .text = std::string(text.substr(0, kTextBytes))});
}

std::vector<Point> Timeline::points() const {
  std::vector<Point> out;
  out.reserve(points_.size());
  auto at = first_;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const auto& from = points_[i];
    if (i > 0) at += std::chrono::milliseconds(from.after * kStepMs);
    Point point{.at = at,
                .state = static_cast<rtc::ConnectionState>(from.flags & 7U),
                .rendition = rendition_of(static_cast<std::uint8_t>(from.flags >> 3U & 15U)),
                .bitrate_kbps = static_cast<double>(from.kbps),
                .available_kbps = static_cast<double>(from.available),
                .loss_percent = from.loss / 100.0,
                .round_trip_ms = from.trip / 10.0,
                .jitter_ms = static_cast<double>(from.jitter),
                .froze = (from.flags & 128U) != 0};
    if (from.rate != kAbsent) point.frames_per_second = from.rate / 2.0;
    if (from.buffer != kAbsent) point.buffer_ms = from.buffer * 20.0;
    if (from.health != kAbsent) point.health = from.health;
    if (from.quality != kAbsent) point.quality = from.quality;
    out.push_back(point);
  }
  return out;
}

std::vector<ToldEvent> Timeline::events() const {
  std::vector<ToldEvent> out;
  out.reserve(events_.size());
  for (std::size_t i = 0; i < events_.size(); ++i) out.push_back({events_[i]});
  for (const auto& one : texts_) out[one.number - events_forgotten_].text = one.text;
  return out;
}

std::size_t Timeline::bytes() const noexcept {
  std::size_t texts = 0;
  for (const auto& one : texts_) texts += sizeof one + one.text.capacity();
  return sizeof *this + points_.size() * sizeof(Packed) + events_.size() * sizeof(TimelineEvent) +
         texts;
}

std::string Timeline::pack() const {
  std::string out;
  append(out, kPackVersion);
  append(out, began_.time_since_epoch().count());
  append(out, first_.time_since_epoch().count());
  append(out, static_cast<std::uint32_t>(points_.size()));
  append(out, static_cast<std::uint32_t>(events_.size()));
  for (std::size_t i = 0; i < points_.size(); ++i) append(out, points_[i]);
  for (std::size_t i = 0; i < events_.size(); ++i) append(out, events_[i]);
  append(out, static_cast<std::uint32_t>(events_forgotten_));
  append(out, static_cast<std::uint8_t>(texts_.size()));
  for (const auto& one : texts_) {
    append(out, static_cast<std::uint8_t>(one.number - events_forgotten_));
    append(out, static_cast<std::uint8_t>(one.text.size()));
    out += one.text;
  }
  return out;
}

bool Timeline::take_texts(std::string_view& bytes) {
  std::uint32_t forgotten = 0;
  std::uint8_t count = 0;
  if (!take(bytes, forgotten) || !take(bytes, count) || count > kTextsMax) return false;
  events_forgotten_ = forgotten;
  for (; count > 0; --count) {
    std::uint8_t index = 0;
    std::uint8_t size = 0;
    if (!take(bytes, index) || index >= events_.size() || !take(bytes, size) || bytes.size() < size)
      return false;
    texts_.push_back({.number = forgotten + index, .text = std::string(bytes.substr(0, size))});
    bytes.remove_prefix(size);
  }
  return true;
}

std::optional<Timeline> Timeline::unpack(std::string_view bytes) {
  std::uint32_t version = 0;
  std::int64_t began = 0;
  std::int64_t first = 0;
  std::uint32_t points = 0;
  std::uint32_t events = 0;
  if (!take(bytes, version) || version < 1 || version > kPackVersion || !take(bytes, began) ||
      !take(bytes, first) || !take(bytes, points) || !take(bytes, events) || events > kEventsMax ||
      bytes.size() < points * sizeof(Packed) + events * sizeof(TimelineEvent))
    return std::nullopt;
  Timeline out(base::from_unix_ms(began), std::max<std::size_t>(1, points));
  out.first_ = base::from_unix_ms(first);
  out.last_ = out.first_;
  for (std::uint32_t i = 0; i < points; ++i) {
    Packed point;
    take(bytes, point);
    out.points_.push(point);
  }
  for (std::uint32_t i = 0; i < events; ++i) {
    TimelineEvent event;
    take(bytes, event);
    out.events_.push(event);
  }
  if (version > 1 && !out.take_texts(bytes)) return std::nullopt;
  if (!bytes.empty()) return std::nullopt;
  return out;
}

base::JsonObject to_json(const ToldEvent& event, base::WallTime began) {
  base::JsonObject out{{"at", base::format_rfc3339(began + std::chrono::milliseconds(event.at_ms))},
                       {"type", happened_name(event.kind)}};
  switch (event.kind) {
    case Happened::created:
      out["state"] = rtc::state_name(static_cast<rtc::ConnectionState>(event.a));
      break;
    case Happened::track:
      out["kind"] = event.a == 1 ? "video" : "audio";
      out["direction"] = event.b == 1 ? "recvonly" : "sendonly";
      break;
    case Happened::quality_chosen:
      out["quality"] = rtc::quality_name(static_cast<rtc::Quality>(event.a));
      break;
    case Happened::switched:
      out["from"] = rendition_of(event.a);
      out["to"] = rendition_of(event.b);
      out["reason"] = reason_of(event.c);
      break;
    case Happened::decided:
      out["decision"] = decision_name(static_cast<Decision>(event.a));
      out["reason"] = reason_of(event.c);
      out["value"] = event.value;
      break;
    case Happened::closed:
      out["reason"] = reason_of(event.a);
      break;
    case Happened::froze:
    case Happened::underrun:
      out["count"] = event.value;
      break;
    case Happened::error:
      if (!event.text.empty()) out["error"] = event.text;
      break;
    case Happened::first_shown:
      out["after_ms"] = std::llround(event.value);
      break;
    case Happened::source_lost:
    case Happened::source_retry:
    case Happened::source_back:
    case Happened::source_gone:
      if (!event.text.empty()) out["reason"] = event.text;
      if (event.value > 0) out["attempt"] = std::llround(event.value);
      break;
    case Happened::loss_began:
      out["percent"] = event.value;
      break;
    case Happened::health_fell:
    case Happened::health_rose:
      out["health"] = event.value;
      break;
    default:
      break;
  }
  return out;
}

base::JsonObject to_json(const Timeline& timeline, std::size_t samples_max) {
  const auto points = timeline.points();
  const auto from = points.size() > samples_max ? points.size() - samples_max : 0;
  base::JsonArray samples;
  samples.reserve(points.size() - from);
  const auto maybe = [](const auto& value) { return value ? base::Json(*value) : base::Json(); };
  for (auto i = from; i < points.size(); ++i) {
    const auto& one = points[i];
    samples.push_back(base::JsonArray{base::format_rfc3339(one.at), rtc::state_name(one.state),
                                      one.rendition, one.bitrate_kbps, one.available_kbps,
                                      one.loss_percent, one.round_trip_ms, one.jitter_ms,
                                      maybe(one.frames_per_second), maybe(one.buffer_ms), one.froze,
                                      maybe(one.health), maybe(one.quality)});
  }
  base::JsonArray events;
  for (const auto& event : timeline.events()) events.push_back(to_json(event, timeline.began()));
  return {
      {"columns", base::JsonArray{"at", "state", "rendition", "bitrate_kbps", "available_kbps",
                                  "loss_percent", "round_trip_ms", "jitter_ms", "frames_per_second",
                                  "buffer_ms", "froze", "health", "quality"}},
      {"samples", std::move(samples)},
      {"events", std::move(events)},
      {"events_forgotten", timeline.events_forgotten()}};
}

}  // namespace telltale::monitor
