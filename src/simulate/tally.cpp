#include "simulate/tally.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace telltale::simulate {
namespace {

constexpr std::size_t kErrorsKept = 50;

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}
double ms_of(std::uint64_t micros) {
  return static_cast<double>(micros) / 1000;
}

constexpr std::array kFigures{
    Figure{"joins", "times a viewer connected, or tried to",
           [](const Tally& t) { return static_cast<double>(t.joins); }},
    Figure{"join_failures", "of these, that gave no picture",
           [](const Tally& t) { return static_cast<double>(t.join_failures); }},
    Figure{"connections_lost", "connections that ended by themselves",
           [](const Tally& t) { return static_cast<double>(t.lost); }},
    Figure{"first_frame_p50_ms", "from asking to the first whole frame, the median",
           [](const Tally& t) { return ms_of(t.first_frame_us.quantile(0.5)); }},
    Figure{"first_frame_p95_ms", "the same, of 95 in 100",
           [](const Tally& t) { return ms_of(t.first_frame_us.quantile(0.95)); }},
    Figure{"first_frame_max_ms", "the same, the longest",
           [](const Tally& t) { return ms_of(t.first_frame_us.max()); }},
    Figure{"watched_seconds", "of all viewers, from the first frame on",
           [](const Tally& t) { return base::to_seconds(t.watched); }},
    Figure{"frames_per_second", "whole frames of video, for each viewer",
           [](const Tally& t) {
             return ratio(static_cast<double>(t.frames), base::to_seconds(t.watched));
           }},
    Figure{"kilobits_per_second", "of payload, for each viewer",
           [](const Tally& t) {
             return ratio(static_cast<double>(t.bytes) * 8 / 1000, base::to_seconds(t.watched));
           }},
    Figure{"freezes_per_minute", "the picture stood still, for each viewer",
           [](const Tally& t) {
             return ratio(static_cast<double>(t.freezes) * 60, base::to_seconds(t.watched));
           }},
    Figure{"frozen_percent", "of the time watched",
           [](const Tally& t) {
             return 100 * ratio(base::to_seconds(t.frozen), base::to_seconds(t.watched));
           }},
    Figure{"gaps", "times that packets of video were given up",
           [](const Tally& t) { return static_cast<double>(t.gaps); }},
    Figure{"loss_percent", "packets that never came, after retransmission",
           [](const Tally& t) {
             const auto lost = static_cast<double>(std::max<std::int64_t>(0, t.packets_lost));
             return 100 * ratio(lost, lost + static_cast<double>(t.packets));
           }},
    Figure{"quality_changes", "asked for",
           [](const Tally& t) { return static_cast<double>(t.quality_changes); }},
    Figure{"quality_failures", "of these, refused",
           [](const Tally& t) { return static_cast<double>(t.quality_failures); }},
    Figure{"calls", "of tools", [](const Tally& t) { return static_cast<double>(t.calls); }},
    Figure{"call_failures", "of these, failed, isError included",
           [](const Tally& t) { return static_cast<double>(t.call_failures); }},
    Figure{"call_p50_ms", "the median of a call",
           [](const Tally& t) { return ms_of(t.call_us.quantile(0.5)); }},
    Figure{"call_p95_ms", "the same, of 95 in 100",
           [](const Tally& t) { return ms_of(t.call_us.quantile(0.95)); }},
};

std::string shown(double value) {
  return value == static_cast<double>(static_cast<std::int64_t>(value))
             ? fmt::format("{}", static_cast<std::int64_t>(value))
             : fmt::format("{:.2f}", value);
}

}  // namespace

void Tally::error(std::string_view what) {
  const auto known = errors.find(std::string(what));
  if (known != errors.end())
    ++known->second;
  else if (errors.size() < kErrorsKept)
    errors.emplace(what, 1);
  else
    ++errors["(others)"];
}

std::span<const Figure> figures() {
  return kFigures;
}

base::Result<Objective> parse_objective(std::string_view text) {
  const auto sign = text.find_first_of("<>");
  Objective out{.text = std::string(text)};
  if (sign != std::string_view::npos && text.substr(sign + 1).starts_with('=')) {
    out.figure = text.substr(0, sign);
    out.at_most = text[sign] == '<';
    const auto number = text.substr(sign + 2);
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), out.value);
    if (error == std::errc() && end == number.data() + number.size() && !number.empty() &&
        std::ranges::any_of(kFigures, [&](const Figure& one) { return one.name == out.figure; }))
      return out;
  }
  std::string names;
  for (const auto& one : kFigures) names.append(names.empty() ? "" : ", ").append(one.name);
  return base::fail(base::Code::invalid_argument,
                    "\"" + std::string(text) +
                        "\" is no objective: it is FIGURE<=NUMBER or FIGURE>=NUMBER, with one of " +
                        names);
}

Summary summarize(const Plan& plan, const Tally& tally, base::Duration took) {
  Summary out{.ok = true};
  base::JsonObject seen;
  for (const auto& figure : kFigures) {
    const auto value = figure.value(tally);
    seen[figure.name] = value;
    out.text += fmt::format("  {:<22} {:>12}   {}\n", figure.name, shown(value), figure.help);
  }
  base::JsonArray verdicts;
  if (!plan.objectives.empty()) out.text += "\n";
  for (const auto& objective : plan.objectives) {
    const auto value = base::find_number(seen, objective.figure).value_or(0);
    const bool held = objective.at_most ? value <= objective.value : value >= objective.value;
    out.ok = out.ok && held;
    verdicts.push_back(
        base::JsonObject{{"objective", objective.text}, {"seen", value}, {"held", held}});
    out.text += fmt::format("  {} {:<34} seen {}\n", held ? "held    " : "NOT HELD", objective.text,
                            shown(value));
  }
  base::JsonArray errors;
  if (!tally.errors.empty()) out.text += "\n";
  for (const auto& [what, times] : tally.errors) {
    errors.push_back(base::JsonObject{{"error", what}, {"times", times}});
    out.text += fmt::format("  {} x {}\n", times, what);
  }
  out.json = {{"ok", out.ok},
              {"seed", plan.seed},
              {"viewers", plan.viewers},
              {"callers", plan.callers},
              {"link", plan.link.name},
              {"source", plan.source},
              {"duration_seconds", base::to_seconds(took)},
              {"figures", std::move(seen)},
              {"objectives", std::move(verdicts)},
              {"errors", std::move(errors)}};
  return out;
}

}  // namespace telltale::simulate
