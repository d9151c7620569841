#include "schedule/zone_rule.hpp"

#include <algorithm>
#include <array>

namespace telltale::schedule {

namespace {

using namespace std::chrono_literals;

constexpr int kHoursMax = 167;  // RFC 8536 section 3.3.1

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

// Reads from the front; what is wrong makes `ok` false for good.
class RuleParser {
 public:
  explicit RuleParser(std::string_view text) : left_(text) {}

  std::optional<ZoneRule> read() {
    ZoneRule out;
    name();
    out.standard_ = -time();  // POSIX counts west as positive
    if (ok_ && left_.empty()) return out;
    name();
    out.daylight_ = out.standard_ + 1h;
    if (!left_.empty() && left_.front() != ',') out.daylight_ = -time();
    out.start_ = date();
    out.end_ = date();
    if (!ok_ || !left_.empty()) return std::nullopt;
    return out;
  }

 private:
  bool take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  void need(char c) { ok_ = take(c) && ok_; }
  void name() {
    if (take('<')) {
      const auto end = left_.find('>');
      ok_ = ok_ && end != std::string_view::npos;
      left_.remove_prefix(std::min(left_.size(), end == std::string_view::npos ? 0 : end + 1));
      return;
    }
    std::size_t length = 0;
    while (length < left_.size() && is_letter(left_[length])) ++length;
    ok_ = ok_ && length >= 3;
    left_.remove_prefix(length);
  }
  int number(int low, int high) {
    int out = 0;
    std::size_t digits = 0;
    for (; digits < 4 && digits < left_.size() && is_digit(left_[digits]); ++digits)
      out = out * 10 + (left_[digits] - '0');
    ok_ = ok_ && digits > 0 && out >= low && out <= high;
    left_.remove_prefix(digits);
    return out;
  }
  std::chrono::seconds time() {
    const bool negative = take('-');
    if (!negative) take('+');
    std::chrono::seconds out = std::chrono::hours(number(0, kHoursMax));
    if (take(':')) out += std::chrono::minutes(number(0, 59));
    if (take(':')) out += std::chrono::seconds(number(0, 59));
    return negative ? -out : out;
  }
  ZoneRule::Date date() {
    using Kind = ZoneRule::Date::Kind;
    ZoneRule::Date out{.kind = Kind::day_of_year};
    need(',');
    if (take('M')) {
      out.kind = Kind::weekday_of_month;
      out.month = number(1, 12);
      need('.');
      out.week = number(1, 5);
      need('.');
      out.weekday = number(0, 6);
    } else if (take('J')) {
      out.kind = Kind::day_without_leap;
      out.day = number(1, 365);
    } else {
      out.day = number(0, 365);
    }
    if (take('/')) out.time = time();
    return out;
  }

  std::string_view left_;
  bool ok_ = true;
};

LocalTime ZoneRule::Date::in(std::chrono::year year) const {
  using namespace std::chrono;
  local_days day_found;
  switch (kind) {
    case Kind::weekday_of_month: {
      const auto that = year / std::chrono::month(static_cast<unsigned>(this->month));
      const std::chrono::weekday wanted(static_cast<unsigned>(this->weekday));
      day_found = week == 5 ? local_days(that / wanted[last])
                            : local_days(that / wanted[static_cast<unsigned>(week)]);
      break;
    }
    case Kind::day_without_leap: {
      const bool after_february = day >= 60;
      day_found = local_days(year / January / 1) + days(day - 1) +
                  days(after_february && year.is_leap() ? 1 : 0);
      break;
    }
    case Kind::day_of_year:
      day_found = local_days(year / January / 1) + days(day);
      break;
  }
  return day_found + time;
}

base::Result<ZoneRule> ZoneRule::parse(std::string_view text) {
  if (auto out = RuleParser(text).read()) return *out;
  return base::fail(base::Code::invalid_argument, "a time zone's rule is damaged");
}

Period ZoneRule::period_at(Instant at) const {
  if (!start_) return {.offset = standard_};
  const auto year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(at)).year();
  struct Change {
    Instant at;
    std::chrono::seconds offset;
  };
  std::array<Change, 6> changes;
  std::size_t filled = 0;
  for (auto y = year - std::chrono::years(1); y <= year + std::chrono::years(1); ++y) {
    changes[filled++] = {Instant((start_->in(y)-standard_).time_since_epoch()), daylight_};
    changes[filled++] = {Instant((end_->in(y)-daylight_).time_since_epoch()), standard_};
  }
  std::ranges::sort(changes, {}, &Change::at);
  const auto after = std::ranges::upper_bound(changes, at, {}, &Change::at);
  if (after == changes.begin()) return {.end = after->at, .offset = standard_};
  const auto now = std::prev(after);
  return {.begin = now->at,
          .end = after == changes.end() ? Instant::max() : after->at,
          .offset = now->offset};
}

}  // namespace telltale::schedule
