#include "schedule/cron.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace telltale::schedule {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};
struct Macro {
  std::string_view name, fields;
};
constexpr std::array kMacros{Macro{"@yearly", "0 0 1 1 *"},  Macro{"@annually", "0 0 1 1 *"},
                             Macro{"@monthly", "0 0 1 * *"}, Macro{"@weekly", "0 0 * * 0"},
                             Macro{"@daily", "0 0 * * *"},   Macro{"@midnight", "0 0 * * *"},
                             Macro{"@hourly", "0 * * * *"}};

struct Field {
  std::string_view name;
  int low, high;
  std::span<const std::string_view> names = {};
};
// A week has two Sundays: 0 and 7.
constexpr std::array<Field, 5> kFields{
    Field{"minute", 0, 59}, Field{"hour", 0, 23}, Field{"day of the month", 1, 31},
    Field{"month", 1, 12, kMonths}, Field{"day of the week", 0, 7, kWeekdays}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::unexpected<base::Error> wrong(const Field& field, std::string_view text,
                                   std::string_view why) {
  return base::fail(base::Code::invalid_argument,
                    fmt::format("{}: \"{}\" {}", field.name, text, why));
}

std::optional<int> plain_number(std::string_view text) {
  int out = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  if (text.empty() || read.ec != std::errc() || read.ptr != end || text.front() == '-')
    return std::nullopt;
  return out;
}

base::Result<int> value_of(const Field& field, std::string_view text) {
  const auto name = std::ranges::find(field.names, text);
  if (name != field.names.end()) return field.low + static_cast<int>(name - field.names.begin());
  const auto number = plain_number(text);
  if (!number || *number < field.low || *number > field.high)
    return wrong(
        field, text,
        fmt::format(
            "is not in {}-{}{}", field.low, field.high,
            field.names.empty() ? "" : " nor a name such as " + std::string(field.names[1])));
  return *number;
}

// One of a list: `*`, a value, a range, each with a step or without.
base::Result<void> read_part(const Field& field, std::string_view part, std::vector<bool>& out) {
  const auto slash = part.find('/');
  const auto range = part.substr(0, slash);
  int step = 1;
  if (slash != std::string_view::npos) {
    const auto given = plain_number(part.substr(slash + 1));
    if (!given || *given < 1 || *given > field.high)
      return wrong(field, part, fmt::format("has a step that is not in 1-{}", field.high));
    step = *given;
  }
  int from = field.low, to = field.high;
  if (range != "*") {
    const auto dash = range.find('-');
    const auto first = value_of(field, range.substr(0, dash));
    if (!first) return std::unexpected(first.error());
    from = to = *first;
    if (dash != std::string_view::npos) {
      const auto second = value_of(field, range.substr(dash + 1));
      if (!second) return std::unexpected(second.error());
      to = *second;
    } else if (slash != std::string_view::npos) {
      to = field.high;
    }
    if (to < from) return wrong(field, part, "runs backwards");
  }
  for (int value = from; value <= to; value += step) out[static_cast<std::size_t>(value)] = true;
  return {};
}

base::Result<std::vector<bool>> read_field(const Field& field, std::string_view text) {
  std::vector<bool> out(static_cast<std::size_t>(field.high) + 1);
  for (std::size_t at = 0; at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    if (auto done = read_part(field, text.substr(at, comma - at), out); !done)
      return std::unexpected(done.error());
    at = comma + 1;
  }
  return out;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const auto end = std::min(text.find_first_of(" \t", at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

template <std::size_t Size>
void copy(const std::vector<bool>& from, std::bitset<Size>& to) {
  for (std::size_t i = 0; i < from.size(); ++i)
    if (from[i]) to.set(i % Size);  // Sunday is 7 too
}

}  // namespace

base::Result<Cron> Cron::parse(std::string_view given) {
  if (given.size() > kLengthMax)
    return base::fail(base::Code::invalid_argument, "is longer than 200 characters");
  auto text = lower(given);
  if (const auto words = words_of(text); words.size() == 1 && words[0].starts_with('@')) {
    const auto macro = std::ranges::find(kMacros, words[0], &Macro::name);
    if (macro == kMacros.end())
      return base::fail(base::Code::invalid_argument,
                        "must be @hourly, @daily, @weekly, @monthly, @yearly or five fields");
    text = macro->fields;
  }
  const auto words = words_of(text);
  if (words.size() != kFields.size())
    return base::fail(base::Code::invalid_argument,
                      fmt::format("must have five fields (minute, hour, day of the month, month, "
                                  "day of the week), has {}",
                                  words.size()));
  std::array<std::vector<bool>, kFields.size()> read;
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    auto field = read_field(kFields[i], words[i]);
    if (!field) return std::unexpected(field.error());
    read[i] = std::move(*field);
  }
  Cron out;
  copy(read[0], out.minutes_);
  copy(read[1], out.hours_);
  copy(read[2], out.days_);
  copy(read[3], out.months_);
  copy(read[4], out.weekdays_);
  out.any_day_ = words[2].starts_with('*');
  out.any_weekday_ = words[4].starts_with('*');
  return out;
}

bool Cron::on_day(std::chrono::year_month_day day) const {
  if (!in_month(day.month())) return false;
  const bool by_date = days_[static_cast<unsigned>(day.day())];
  const bool by_weekday =
      weekdays_[std::chrono::weekday(std::chrono::local_days(day)).c_encoding()];
  return any_day_ || any_weekday_ ? by_date && by_weekday : by_date || by_weekday;
}

}  // namespace telltale::schedule
