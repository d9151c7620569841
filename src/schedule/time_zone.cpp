#include "schedule/time_zone.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/file.hpp"

namespace telltale::schedule {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kHeader = 44;
constexpr std::size_t kFileMax = 256U << 10U;  // the largest of Debian's has 3.5 KiB
constexpr std::size_t kNameMax = 64;
constexpr auto kReach = 26h;  // no offset is further from UTC

std::unexpected<base::Error> damaged(const std::string& name) {
  return base::fail(base::Code::invalid_argument, "the time zone " + name + " has a damaged file");
}

std::int64_t read_big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t out = (static_cast<unsigned char>(bytes[at]) & 0x80U) != 0 ? ~0ULL : 0;
  for (std::size_t i = 0; i < size; ++i)
    out = out << 8U | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int64_t>(out);
}

// RFC 8536 section 3.1.
struct Header {
  char version = 0;
  std::size_t utc_indicators = 0, standard_indicators = 0, leaps = 0, times = 0, types = 0,
              characters = 0;

  static std::optional<Header> read(std::string_view bytes) {
    if (bytes.size() < kHeader || !bytes.starts_with("TZif")) return std::nullopt;
    const auto count = [&](std::size_t at) {
      return static_cast<std::size_t>(read_big_endian(bytes, at, 4)) & 0xFFFFFFFFU;
    };
    Header out{bytes[4], count(20), count(24), count(28), count(32), count(36), count(40)};
    for (const auto one : {out.utc_indicators, out.standard_indicators, out.leaps, out.times,
                           out.types, out.characters})
      if (one > kFileMax) return std::nullopt;
    return out;
  }
  std::size_t size(std::size_t time_size) const {
    return times * time_size + times + types * 6 + characters + leaps * (time_size + 4) +
           standard_indicators + utc_indicators;
  }
};

// As in "America/Argentina/Buenos_Aires", and never a way out of the folder.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kNameMax || name.starts_with('/')) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/';
  });
}

}  // namespace

base::Result<std::shared_ptr<const TimeZone>> TimeZone::open(const std::string& name,
                                                             std::string_view folder) {
  if (name == "UTC") return std::shared_ptr<const TimeZone>(new TimeZone(name));
  const auto unknown = [&] {
    return base::fail(base::Code::invalid_argument,
                      "is no time zone, such as \"Europe/Berlin\" or \"UTC\"");
  };
  if (!is_name(name)) return unknown();
  const auto path = std::filesystem::path(folder) / name;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return unknown();
  const auto bytes = base::read_file(path, kFileMax);
  if (!bytes || !bytes->starts_with("TZif")) return unknown();  // tzdata.zi and its like
  auto zone = parse(name, *bytes);
  if (!zone) return std::unexpected(zone.error());
  return std::make_shared<const TimeZone>(std::move(*zone));
}

base::Result<TimeZone> TimeZone::parse(std::string name, std::string_view tzif) {
  auto header = Header::read(tzif);
  if (!header) return damaged(name);
  std::size_t time_size = 4;
  if (header->version >= '2') {  // the first block is for readers of version 1
    const auto first = kHeader + header->size(4);
    if (first > tzif.size()) return damaged(name);
    tzif.remove_prefix(first);
    header = Header::read(tzif);
    time_size = 8;
  }
  if (!header || header->types == 0 || kHeader + header->size(time_size) > tzif.size())
    return damaged(name);
  if (header->leaps > 0)
    return base::fail(base::Code::invalid_argument, "counts leap seconds, which cron does not");
  const auto types_at = kHeader + header->times * (time_size + 1);
  const auto offset_of = [&](std::size_t type) {
    return std::chrono::seconds(read_big_endian(tzif, types_at + type * 6, 4));
  };
  TimeZone out(std::move(name));
  out.before_ = offset_of(0);
  for (std::size_t i = 0; i < header->times; ++i) {
    const auto type = static_cast<unsigned char>(tzif[kHeader + header->times * time_size + i]);
    const Instant at(
        std::chrono::seconds(read_big_endian(tzif, kHeader + i * time_size, time_size)));
    if (type >= header->types || (!out.transitions_.empty() && out.transitions_.back().at >= at))
      return damaged(out.name_);
    out.transitions_.push_back({at, offset_of(type)});
    if (std::chrono::abs(out.transitions_.back().offset) > kReach) return damaged(out.name_);
  }
  auto footer = tzif.substr(kHeader + header->size(time_size));
  if (footer.size() > 2 && footer.starts_with('\n')) {
    footer.remove_prefix(1);
    auto rule = ZoneRule::parse(footer.substr(0, footer.find('\n')));
    if (!rule) return damaged(out.name_);
    out.rule_ = *rule;
  }
  return out;
}

Period TimeZone::period_at(Instant at) const {
  const auto after = std::ranges::upper_bound(transitions_, at, {}, &Transition::at);
  const bool last = after == transitions_.end();
  if (last && rule_) {
    auto out = rule_->period_at(at);
    if (!transitions_.empty()) out.begin = std::max(out.begin, transitions_.back().at);
    return out;
  }
  Period out{.end = last ? Instant::max() : after->at, .offset = before_};
  if (after != transitions_.begin()) {
    out.begin = std::prev(after)->at;
    out.offset = std::prev(after)->offset;
  }
  return out;
}

TimeZone::Meaning TimeZone::meaning_of(LocalTime local) const {
  Meaning out;
  const Instant as_utc(local.time_since_epoch());
  auto period = period_at(as_utc - kReach);
  for (;;) {
    const auto at = as_utc - period.offset;
    if (at >= period.begin && at < period.end) (out.first ? out.second : out.first) = at;
    // It would have come after this period ended, and before the next one began.
    if (period.end > as_utc + kReach) break;
    const auto next = period_at(period.end);
    if (at >= period.end && as_utc - next.offset < next.begin) out.skipped_by = next.begin;
    if (next.end <= period.end) break;  // a damaged rule goes nowhere
    period = next;
  }
  if (out.first) out.skipped_by.reset();
  return out;
}

}  // namespace telltale::schedule
