#include "monitor/scores.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace telltale::monitor {
namespace {

constexpr double kWorthTelling = 3;           // points; less is not said
constexpr double kEnoughBitsPerPixel = 0.04;  // of H.264 at our presets
constexpr double kWholePixels = 1080;         // lines that count as the best
constexpr double kWholeRate = 30;

double over(double value, double free, double for_each_point, double most) {
  return std::clamp((value - free) / for_each_point, 0.0, most);
}

template <class Field>
double mean_of(std::span<const Sample> window, Field field) {
  double sum = 0;
  double seconds = 0;
  for (const auto& one : window) {
    sum += field(one) * one.seconds;
    seconds += one.seconds;
  }
  return seconds > 0 ? sum / seconds : 0;
}

template <class Field>
double sum_of(std::span<const Sample> window, Field field) {
  double sum = 0;
  for (const auto& one : window) sum += field(one);
  return sum;
}

// Pictures that came to be shown, of those sent; 1 where nobody says.
double shown_share(std::span<const Sample> window) {
  double sent = 0;
  double shown = 0;
  for (const auto& one : window) {
    if (!one.sent_fps || !one.shown_fps || *one.sent_fps <= 0) continue;
    sent += *one.sent_fps;
    shown += std::min(*one.shown_fps, *one.sent_fps);
  }
  return sent > 0 ? shown / sent : 1;
}

double silence_of(std::span<const Sample> window) {
  return window.back().state == rtc::ConnectionState::disconnected ? 1 : 0;
}

int quality_of(std::span<const Sample> window) {
  const auto& now = window.back();
  if (now.height == 0) return 0;
  const double rate = mean_of(
      window, [](const Sample& one) { return one.shown_fps.value_or(one.sent_fps.value_or(0)); });
  const double shorter = std::min(now.width, now.height);
  const double size = std::sqrt(std::min(1.0, shorter / kWholePixels));
  const double enough = kEnoughBitsPerPixel * now.width * now.height * std::max(1.0, rate) / 1000;
  const double kbps =
      mean_of(window, [](const Sample& one) { return std::max(one.sent_kbps, one.received_kbps); });
  const double bits = std::min(1.0, kbps / enough);
  const double flow = std::min(1.0, rate / kWholeRate);
  const double frozen = mean_of(window, [](const Sample& one) { return one.frozen_share; });
  const double loss = mean_of(window, [](const Sample& one) { return one.loss_percent; });
  const double whole =
      (0.5 * size + 0.25 * bits + 0.25 * flow) * (1 - frozen) * (1 - std::min(0.3, loss / 100));
  return static_cast<int>(std::lround(100 * std::clamp(whole, 0.0, 1.0)));
}

std::string hour_of(base::WallTime at) {
  return base::format_rfc3339(at).substr(11, 5);
}

std::string times(double count) {
  const auto whole = std::lround(count);
  if (whole == 1) return "once";
  if (whole == 2) return "twice";
  return fmt::format("{} times", whole);
}

std::string say(Part part, double value) {
  switch (part) {
    case Part::loss:
      return value < 1 ? fmt::format("{:.1f} % loss", value)
                       : fmt::format("{} % loss", std::lround(value));
    case Part::round_trip:
      return fmt::format("{} ms round trip", std::lround(value));
    case Part::jitter:
      return fmt::format("{} ms jitter", std::lround(value));
    case Part::queue:
      return fmt::format("{} ms of queue", std::lround(value));
    case Part::freezes:
      return value < 0.5 ? "video stood still" : "video froze " + times(value);
    case Part::dropped:
      return fmt::format("{} frames dropped", std::lround(value));
    case Part::frame_rate:
      return fmt::format("{} % of the pictures shown", std::lround(value));
    case Part::silence:
      return "nothing heard of the peer";
  }
  return "";
}

}  // namespace

std::string_view part_name(Part part) noexcept {
  constexpr std::array<std::string_view, kParts> kNames{
      "loss", "round_trip", "jitter", "queue", "freezes", "dropped", "frame_rate", "silence"};
  return kNames[static_cast<std::size_t>(part)];
}

Scores score(std::span<const Sample> window, const Scores& before) {
  Scores out;
  const auto put = [&](Part part, double points, double value) {
    out.parts[static_cast<std::size_t>(part)] = {.points = points, .value = value};
  };
  const double loss = mean_of(window, [](const Sample& one) {
    return std::max(one.loss_percent, one.inbound_loss_percent);
  });
  put(Part::loss, over(loss, 0, 1.0 / 8, 70), loss);
  const double trip = mean_of(window, [](const Sample& one) { return one.round_trip_ms; });
  put(Part::round_trip, over(trip, 100, 20, 25), trip);
  const double jitter = mean_of(window, [](const Sample& one) { return one.jitter_ms; });
  put(Part::jitter, over(jitter, 20, 4, 15), jitter);
  const double queue = mean_of(window, [](const Sample& one) { return one.queue_ms; });
  put(Part::queue, over(queue, 50, 10, 20), queue);
  const double freezes = sum_of(window, [](const Sample& one) { return one.freezes; });
  const double frozen = mean_of(window, [](const Sample& one) { return one.frozen_share; });
  put(Part::freezes, std::min(70.0, 12 * freezes + 100 * frozen), freezes);
  const double dropped = sum_of(window, [](const Sample& one) { return one.frames_dropped; });
  put(Part::dropped, std::min(30.0, dropped), dropped);
  const double shown = shown_share(window);
  put(Part::frame_rate, over(1 - shown, 0.1, 1.0 / 60, 40), 100 * shown);
  put(Part::silence, 100 * silence_of(window), 0);

  double cost = 0;
  for (std::size_t i = 0; i < kParts; ++i) {
    auto& part = out.parts[i];
    cost += part.points;
    if (part.points < kWorthTelling) continue;
    part.since = before.parts[i].since ? before.parts[i].since : std::optional(window.back().at);
  }
  out.health = static_cast<int>(std::lround(std::clamp(100 - cost, 0.0, 100.0)));
  out.quality = quality_of(window);
  return out;
}

std::string sentence(const Scores& scores) {
  std::array<std::size_t, kParts> order = {};
  for (std::size_t i = 0; i < kParts; ++i) order[i] = i;
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const double left = scores.parts[a].points;
    const double right = scores.parts[b].points;
    return left > right || (!(right > left) && a < b);
  });
  std::string out = fmt::format("health {}", scores.health);
  std::string_view separator = ": ";
  for (const auto i : order) {
    const auto& part = scores.parts[i];
    if (!part.since || part.points < kWorthTelling) continue;
    const auto which = static_cast<Part>(i);
    out.append(separator).append(say(which, part.value));
    // Freezes and drops are counted over the window, not since when.
    if (which != Part::freezes && which != Part::dropped)
      out.append(" since ").append(hour_of(*part.since));
    separator = ", ";
  }
  return out;
}

base::JsonObject to_json(const Scores& scores) {
  base::JsonObject parts;
  for (std::size_t i = 0; i < kParts; ++i) {
    const auto& part = scores.parts[i];
    base::JsonObject one{{"points", std::round(part.points * 10) / 10},
                         {"value", std::round(part.value * 100) / 100}};
    if (part.since) one["since"] = base::format_rfc3339(*part.since);
    parts[part_name(static_cast<Part>(i))] = std::move(one);
  }
  return {{"health", scores.health},
          {"quality", scores.quality},
          {"sentence", sentence(scores)},
          {"parts", std::move(parts)}};
}

}  // namespace telltale::monitor
