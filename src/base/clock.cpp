#include "base/clock.hpp"

#include <array>

#include <fmt/format.h>

namespace telltale::base {

using namespace std::chrono;

SteadyTime SystemClock::now() const noexcept {
  return steady_clock::now();
}
WallTime SystemClock::wall() const noexcept {
  return floor<milliseconds>(system_clock::now());
}

WallTime VirtualClock::wall() const noexcept {
  constexpr WallTime kStart = sys_days(year(2026) / January / 1);
  return kStart + floor<milliseconds>(Duration(elapsed_.load()) - 1h) +
         milliseconds(wall_offset_ms_.load());
}

namespace {

// Writes exactly `digits` decimal digits at `at`: every event and record has such times.
void put_number(std::string& out, std::size_t at, std::size_t digits, std::uint64_t value) {
  for (auto i = at + digits; i > at; value /= 10) out[--i] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string format_rfc3339(WallTime time) {
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  const int year = static_cast<int>(date.year());
  if (year < 0 || year > 9999) return "9999-12-31T23:59:59.999Z";  // RFC 3339 has no more
  std::string out = "0000-00-00T00:00:00.000Z";
  put_number(out, 0, 4, static_cast<std::uint64_t>(year));
  put_number(out, 5, 2, static_cast<unsigned>(date.month()));
  put_number(out, 8, 2, static_cast<unsigned>(date.day()));
  put_number(out, 11, 2, static_cast<std::uint64_t>(clock.hours().count()));
  put_number(out, 14, 2, static_cast<std::uint64_t>(clock.minutes().count()));
  put_number(out, 17, 2, static_cast<std::uint64_t>(clock.seconds().count()));
  put_number(out, 20, 3, static_cast<std::uint64_t>(clock.subseconds().count()));
  return out;
}

namespace {

// Reads exactly `digits` decimal digits at `at` and moves past them; -1 when they are not there.
int take_number(std::string_view text, std::size_t& at, std::size_t digits) {
  if (at + digits > text.size()) return -1;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const char c = text[at + i];
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  at += digits;
  return value;
}

bool take_char(std::string_view text, std::size_t& at, std::string_view any_of) {
  if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
  ++at;
  return true;
}

std::optional<minutes> take_offset(std::string_view text, std::size_t& at) {
  if (take_char(text, at, "Zz")) return 0min;
  if (at >= text.size()) return std::nullopt;
  const int sign = text[at] == '-' ? -1 : 1;
  if (!take_char(text, at, "+-")) return std::nullopt;
  const int h = take_number(text, at, 2);
  if (h < 0 || !take_char(text, at, ":")) return std::nullopt;
  const int m = take_number(text, at, 2);
  if (m < 0 || h > 23 || m > 59) return std::nullopt;
  return sign * (hours(h) + minutes(m));
}

}  // namespace

Result<WallTime> parse_rfc3339(std::string_view text) {
  const auto bad = [] {
    return fail(Code::invalid_argument, "not an RFC 3339 time such as 2026-11-20T10:00:00Z");
  };
  std::size_t at = 0;
  std::array<int, 6> part{};
  constexpr std::array<std::string_view, 6> kAfter{"-", "-", "Tt ", ":", ":", ""};
  for (std::size_t i = 0; i < part.size(); ++i) {
    part[i] = take_number(text, at, i == 0 ? 4 : 2);
    if (part[i] < 0) return bad();
    if (!kAfter[i].empty() && !take_char(text, at, kAfter[i])) return bad();
  }
  int fraction_ms = 0;
  if (take_char(text, at, ".")) {
    int scale = 100;
    const auto first = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
      fraction_ms += (text[at] - '0') * scale;
    if (at == first) return bad();
  }
  const auto offset = take_offset(text, at);
  const year_month_day date(year(part[0]), month(static_cast<unsigned>(part[1])),
                            day(static_cast<unsigned>(part[2])));
  if (!offset || at != text.size() || !date.ok() || part[3] > 23 || part[4] > 59 || part[5] > 60)
    return bad();
  return sys_days(date) + hours(part[3]) + minutes(part[4]) + seconds(part[5]) +
         milliseconds(fraction_ms) - *offset;
}

}  // namespace telltale::base
